// Layouts: transposes and reshapes leave the graph.
// RUN: %cimc %s --passes=canonicalize --emit=qgemm -o - | FileCheck %s

// Two convolutions in NCHW with a relu and a residual addition between: NHWC
// inside, transposed at the function's edge only.
// CHECK-LABEL: func.func @main
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<1x2x4x6xf32>
func.func @main(%x: tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32> {
  // CHECK: %[[T:.*]] = "qgemm.transpose"(%[[X]]) {perm = array<i64: 0, 2, 3, 1>}
  // CHECK: %[[C:.*]] = "qgemm.conv2d"(%[[T]], %{{.*}}) {activation = "relu"
  // CHECK: %[[D:.*]] = "qgemm.conv2d"(%[[C]],
  // CHECK: %[[A:.*]] = "qgemm.add"(%[[D]], %{{.*}}) : (tensor<1x4x6x2xf32>, tensor<1x4x6x2xf32>) -> tensor<1x4x6x2xf32>
  // CHECK: %[[O:.*]] = "qgemm.transpose"(%[[A]]) {perm = array<i64: 0, 3, 1, 2>}
  // CHECK-NOT: qgemm
  // CHECK: return %[[O]]
  %w = "qgemm.constant"() {value = dense<1.0> : tensor<2x1x1x2xf32>} : () -> tensor<2x1x1x2xf32>
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x2x4x6xf32>) -> tensor<1x4x6x2xf32>
  %1 = "qgemm.conv2d"(%0, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x4x6x2xf32>, tensor<2x1x1x2xf32>) -> tensor<1x4x6x2xf32>
  %2 = "qgemm.transpose"(%1) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x4x6x2xf32>) -> tensor<1x2x4x6xf32>
  %3 = "qgemm.relu"(%2) : (tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %4 = "qgemm.transpose"(%3) {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x2x4x6xf32>) -> tensor<1x4x6x2xf32>
  %5 = "qgemm.conv2d"(%4, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x4x6x2xf32>, tensor<2x1x1x2xf32>) -> tensor<1x4x6x2xf32>
  %6 = "qgemm.transpose"(%5) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x4x6x2xf32>) -> tensor<1x2x4x6xf32>
  %7 = "qgemm.add"(%6, %x) : (tensor<1x2x4x6xf32>, tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  return %7 : tensor<1x2x4x6xf32>
}

// CHECK-LABEL: func.func private @inverse_transposes_cancel
func.func private @inverse_transposes_cancel(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  // CHECK-NEXT: return
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 1, 2, 0>} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32>
  %1 = "qgemm.transpose"(%0) {perm = array<i64: 2, 0, 1>} : (tensor<3x4x2xf32>) -> tensor<2x3x4xf32>
  return %1 : tensor<2x3x4xf32>
}

// CHECK-LABEL: func.func private @moving_ones_is_a_reshape
func.func private @moving_ones_is_a_reshape(%x: tensor<1x1x4x6xf32>) -> tensor<24xf32> {
  // CHECK-NEXT: "qgemm.reshape"(%{{.*}}) : (tensor<1x1x4x6xf32>) -> tensor<24xf32>
  // CHECK-NEXT: return
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x1x4x6xf32>) -> tensor<1x4x6x1xf32>
  %1 = "qgemm.reshape"(%0) : (tensor<1x4x6x1xf32>) -> tensor<24xf32>
  return %1 : tensor<24xf32>
}

// CHECK-LABEL: func.func private @equal_sides_do_not_hide_a_transpose
func.func private @equal_sides_do_not_hide_a_transpose(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  // CHECK-NEXT: "qgemm.transpose"
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 1, 0>} : (tensor<3x3xf32>) -> tensor<3x3xf32>
  return %0 : tensor<3x3xf32>
}

// CHECK-LABEL: func.func private @a_constant_operand_is_permuted
func.func private @a_constant_operand_is_permuted(%x: tensor<1x4x6x2xf32>) -> tensor<1x2x4x6xf32> {
  // CHECK: "qgemm.constant"() {value = dense<{{.*}}1.000000e+00, 2.000000e+00{{.*}}> : tensor<1x1x1x2xf32>}
  // CHECK: "qgemm.mul"(%{{.*}}, %{{.*}}) : (tensor<1x4x6x2xf32>, tensor<1x1x1x2xf32>) -> tensor<1x4x6x2xf32>
  // CHECK: "qgemm.transpose"
  %c = "qgemm.constant"() {value = dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32>} : () -> tensor<2x1x1xf32>
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x4x6x2xf32>) -> tensor<1x2x4x6xf32>
  %1 = "qgemm.mul"(%0, %c) : (tensor<1x2x4x6xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x6xf32>
  return %1 : tensor<1x2x4x6xf32>
}

// CHECK-LABEL: func.func private @a_transpose_with_another_user_does_not_go_in_circles
func.func private @a_transpose_with_another_user_does_not_go_in_circles(%x: tensor<2x3xf32>, %y: tensor<3x2xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>, tensor<2x3xf32>) {
  // CHECK-COUNT-2: qgemm.transpose
  // CHECK-NOT: qgemm.transpose
  // CHECK: return
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = "qgemm.transpose"(%y) {perm = array<i64: 1, 0>} : (tensor<3x2xf32>) -> tensor<2x3xf32>
  %2 = "qgemm.add"(%0, %y) : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  return %2, %0, %1 : tensor<3x2xf32>, tensor<3x2xf32>, tensor<2x3xf32>
}

// CHECK-LABEL: func.func private @axes_move_with_the_layout
func.func private @axes_move_with_the_layout(%x: tensor<1x4x6x2xf32>) -> (tensor<1x2x4x6xf32>, tensor<1x2xf32>, tensor<1x2x5x6xf32>) {
  // CHECK-DAG: "qgemm.softmax"(%{{.*}}) {axis = 3 : i64} : (tensor<1x4x6x2xf32>)
  // CHECK-DAG: "qgemm.reduce_mean"(%{{.*}}) {axes = array<i64: 1, 2>, keepdims = false} : (tensor<1x4x6x2xf32>) -> tensor<1x2xf32>
  // CHECK-DAG: "qgemm.pad"(%{{.*}}) {high = array<i64: 0, 0, 0, 0>, low = array<i64: 0, 1, 0, 0>, value = 0.000000e+00 : f32} : (tensor<1x4x6x2xf32>) -> tensor<1x5x6x2xf32>
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x4x6x2xf32>) -> tensor<1x2x4x6xf32>
  %1 = "qgemm.softmax"(%0) {axis = 1 : i64} : (tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32>
  %2 = "qgemm.reduce_mean"(%0) {axes = array<i64: 2, 3>, keepdims = false} : (tensor<1x2x4x6xf32>) -> tensor<1x2xf32>
  %3 = "qgemm.pad"(%0) {low = array<i64: 0, 0, 1, 0>, high = array<i64: 0, 0, 0, 0>, value = 0.0 : f32} : (tensor<1x2x4x6xf32>) -> tensor<1x2x5x6xf32>
  return %1, %2, %3 : tensor<1x2x4x6xf32>, tensor<1x2xf32>, tensor<1x2x5x6xf32>
}

// CHECK-LABEL: func.func private @a_flatten_permutes_the_rows_of_the_weights
func.func private @a_flatten_permutes_the_rows_of_the_weights(%x: tensor<1x1x2x2xf32>) -> tensor<1x1xf32> {
  // Row (c, w) of the weights becomes row (w, c).
  // CHECK-DAG: dense<{{\[\[}}1.000000e+00], [3.000000e+00], [2.000000e+00], [4.000000e+00]]> : tensor<4x1xf32>
  // CHECK-DAG: "qgemm.reshape"(%{{.*}}) : (tensor<1x1x2x2xf32>) -> tensor<1x4xf32>
  // CHECK-NOT: qgemm.transpose
  // CHECK: return
  %w = "qgemm.constant"() {value = dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>} : () -> tensor<4x1xf32>
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x1x2x2xf32>) -> tensor<1x2x1x2xf32>
  %1 = "qgemm.reshape"(%0) : (tensor<1x2x1x2xf32>) -> tensor<1x4xf32>
  %2 = "qgemm.relu"(%1) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %3 = "qgemm.matmul"(%2, %w) : (tensor<1x4xf32>, tensor<4x1xf32>) -> tensor<1x1xf32>
  return %3 : tensor<1x1xf32>
}

// CHECK-LABEL: func.func private @a_flatten_with_another_user_stays
func.func private @a_flatten_with_another_user_stays(%x: tensor<1x1x2x2xf32>) -> (tensor<1x1xf32>, tensor<1x4xf32>) {
  // CHECK: qgemm.transpose
  %w = "qgemm.constant"() {value = dense<[[1.0], [2.0], [3.0], [4.0]]> : tensor<4x1xf32>} : () -> tensor<4x1xf32>
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x1x2x2xf32>) -> tensor<1x2x1x2xf32>
  %1 = "qgemm.reshape"(%0) : (tensor<1x2x1x2xf32>) -> tensor<1x4xf32>
  %3 = "qgemm.matmul"(%1, %w) : (tensor<1x4xf32>, tensor<4x1xf32>) -> tensor<1x1xf32>
  return %3, %1 : tensor<1x1xf32>, tensor<1x4xf32>
}

// CHECK-LABEL: func.func private @dequantize_goes_below_layout
func.func private @dequantize_goes_below_layout(%x: tensor<2x3x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<6xf32> {
  // CHECK-NEXT: "qgemm.transpose"
  // CHECK-NEXT: "qgemm.reshape"
  // CHECK-NEXT: "qgemm.dequantize"
  %0 = "qgemm.dequantize"(%x) : (tensor<2x3x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<2x3xf32>
  %1 = "qgemm.transpose"(%0) {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %2 = "qgemm.reshape"(%1) : (tensor<3x2xf32>) -> tensor<6xf32>
  return %2 : tensor<6xf32>
}

// CHECK-LABEL: func.func private @casts_at_the_edge_become_types
// CHECK-SAME: tensor<2x3x!quant.uniform<u8:f32, 5.000000e-01:3>> {qgemm.name = "in"}
// CHECK-SAME: -> (tensor<3x2x!quant.uniform<u8:f32, 5.000000e-01:3>> {qgemm.name = "out"})
func.func private @casts_at_the_edge_become_types(%x: tensor<2x3xui8> {qgemm.name = "in"}) -> (tensor<3x2xui8> {qgemm.name = "out"}) {
  // CHECK-NEXT: "qgemm.transpose"
  // CHECK-NEXT: return
  %0 = "qgemm.storage_cast"(%x) : (tensor<2x3xui8>) -> tensor<2x3x!quant.uniform<u8:f32, 0.5:3>>
  %1 = "qgemm.storage_cast"(%0) : (tensor<2x3x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<2x3xui8>
  %2 = "qgemm.transpose"(%1) {perm = array<i64: 1, 0>} : (tensor<2x3xui8>) -> tensor<3x2xui8>
  %3 = "qgemm.storage_cast"(%2) : (tensor<3x2xui8>) -> tensor<3x2x!quant.uniform<u8:f32, 0.5:3>>
  %4 = "qgemm.storage_cast"(%3) : (tensor<3x2x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<3x2xui8>
  return %4 : tensor<3x2xui8>
}

// CHECK-LABEL: func.func private @two_readings_of_an_argument_keep_it_plain
// CHECK-SAME: tensor<2xui8>)
func.func private @two_readings_of_an_argument_keep_it_plain(%x: tensor<2xui8>) -> (tensor<2xf32>, tensor<2xf32>) {
  // CHECK-COUNT-2: qgemm.storage_cast
  %0 = "qgemm.storage_cast"(%x) : (tensor<2xui8>) -> tensor<2x!quant.uniform<u8:f32, 0.5:3>>
  %1 = "qgemm.storage_cast"(%x) : (tensor<2xui8>) -> tensor<2x!quant.uniform<u8:f32, 0.25:3>>
  %2 = "qgemm.dequantize"(%0) : (tensor<2x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<2xf32>
  %3 = "qgemm.dequantize"(%1) : (tensor<2x!quant.uniform<u8:f32, 0.25:3>>) -> tensor<2xf32>
  return %2, %3 : tensor<2xf32>, tensor<2xf32>
}

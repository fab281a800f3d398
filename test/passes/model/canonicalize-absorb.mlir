// What convolutions and products take into themselves.
// RUN: %cimc %s --passes=canonicalize --emit=qgemm -o - | FileCheck %s

// BatchNorm as it is imported: times a scale, plus a shift, then relu6.
// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<1x4x4x1xf32>) -> tensor<1x4x4x2xf32> {
  // CHECK-DAG: %[[W:.*]] = "qgemm.constant"() {value = dense<{{.*}}2.000000e+00{{.*}}1.200000e+01{{.*}}> : tensor<2x1x1x1xf32>}
  // CHECK-DAG: %[[B:.*]] = "qgemm.constant"() {value = dense<[1.200000e+01, 2.300000e+01]> : tensor<2xf32>}
  // CHECK: "qgemm.conv2d"(%{{.*}}, %[[W]], %[[B]]) {activation = "relu6"
  // CHECK-NEXT: return
  %w = "qgemm.constant"() {value = dense<[[[[1.0]]], [[[4.0]]]]> : tensor<2x1x1x1xf32>} : () -> tensor<2x1x1x1xf32>
  %b = "qgemm.constant"() {value = dense<[1.0, 1.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %s = "qgemm.constant"() {value = dense<[[[2.0]], [[3.0]]]> : tensor<2x1x1xf32>} : () -> tensor<2x1x1xf32>
  %a = "qgemm.constant"() {value = dense<[[[10.0]], [[20.0]]]> : tensor<2x1x1xf32>} : () -> tensor<2x1x1xf32>
  %0 = "qgemm.conv2d"(%x, %w, %b) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x4x4x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x4x4x2xf32>
  %1 = "qgemm.transpose"(%0) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x4x4x2xf32>) -> tensor<1x2x4x4xf32>
  %2 = "qgemm.mul"(%1, %s) : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %3 = "qgemm.add"(%2, %a) : (tensor<1x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<1x2x4x4xf32>
  %4 = "qgemm.clamp"(%3) {clamp_min = 0.0 : f32, clamp_max = 6.0 : f32} : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %5 = "qgemm.transpose"(%4) {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x2x4x4xf32>) -> tensor<1x4x4x2xf32>
  return %5 : tensor<1x4x4x2xf32>
}

// CHECK-LABEL: func.func private @a_vector_after_a_product_is_its_bias
func.func private @a_vector_after_a_product_is_its_bias(%x: tensor<1x2xf32>, %w: tensor<2x2xf32>) -> tensor<1x2xf32> {
  // CHECK: %[[B:.*]] = "qgemm.constant"() {value = dense<[-1.000000e+00, -2.000000e+00]> : tensor<2xf32>}
  // CHECK: "qgemm.matmul"(%{{.*}}, %{{.*}}, %[[B]])
  // CHECK-NEXT: return
  %a = "qgemm.constant"() {value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  %0 = "qgemm.matmul"(%x, %w) : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = "qgemm.sub"(%0, %a) : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

// CHECK-LABEL: func.func private @a_product_that_is_subtracted_stays
func.func private @a_product_that_is_subtracted_stays(%x: tensor<1x2xf32>, %w: tensor<2x2xf32>) -> tensor<1x2xf32> {
  // CHECK: qgemm.sub
  %a = "qgemm.constant"() {value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  %0 = "qgemm.matmul"(%x, %w) : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = "qgemm.sub"(%a, %0) : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

// CHECK-LABEL: func.func private @nothing_goes_past_an_activation_or_another_user
func.func private @nothing_goes_past_an_activation_or_another_user(%x: tensor<1x2xf32>, %w: tensor<2x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>) {
  // CHECK-COUNT-2: qgemm.add
  %a = "qgemm.constant"() {value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  %0 = "qgemm.matmul"(%x, %w) {activation = "relu"} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %1 = "qgemm.add"(%0, %a) : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %2 = "qgemm.matmul"(%x, %w) : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %3 = "qgemm.add"(%2, %a) : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %1, %2, %3 : tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>
}

// CHECK-LABEL: func.func private @activations_join
func.func private @activations_join(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK-NEXT: "qgemm.add"(%{{.*}}, %{{.*}}) {activation = "clamp", clamp_max = 3.000000e+00 : f32, clamp_min = 1.000000e+00 : f32}
  // CHECK-NEXT: return
  %0 = "qgemm.add"(%x, %x) {activation = "relu"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %1 = "qgemm.clamp"(%0) {clamp_min = 1.0 : f32, clamp_max = 9.0 : f32} : (tensor<2xf32>) -> tensor<2xf32>
  %2 = "qgemm.clamp"(%1) {clamp_min = -1.0 : f32, clamp_max = 3.0 : f32} : (tensor<2xf32>) -> tensor<2xf32>
  return %2 : tensor<2xf32>
}

// CHECK-LABEL: func.func private @a_pad_of_zeros_is_the_convolutions_own
func.func private @a_pad_of_zeros_is_the_convolutions_own(%x: tensor<1x1x4x4xf32>, %w: tensor<1x3x3x1xf32>) -> tensor<1x5x6x1xf32> {
  // CHECK-NOT: qgemm.pad
  // CHECK: "qgemm.conv2d"(%{{.*}}, %{{.*}}) {{{.*}}pads = array<i64: 1, 2, 2, 2>
  %0 = "qgemm.pad"(%x) {low = array<i64: 0, 0, 0, 1>, high = array<i64: 0, 0, 1, 1>, value = 0.0 : f32} : (tensor<1x1x4x4xf32>) -> tensor<1x1x5x6xf32>
  %1 = "qgemm.transpose"(%0) {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x1x5x6xf32>) -> tensor<1x5x6x1xf32>
  %2 = "qgemm.conv2d"(%1, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x5x6x1xf32>, tensor<1x3x3x1xf32>) -> tensor<1x5x6x1xf32>
  return %2 : tensor<1x5x6x1xf32>
}

// CHECK-LABEL: func.func private @a_pad_that_a_window_would_not_make_stays
func.func private @a_pad_that_a_window_would_not_make_stays(%x: tensor<1x4x4x1xf32>, %w: tensor<1x3x3x1xf32>) -> (tensor<1x4x4x1xf32>, tensor<1x4x4x1xf32>) {
  // CHECK-DAG: "qgemm.pad"(%{{.*}}) {{{.*}}value = 1.000000e+00
  // CHECK-DAG: "qgemm.pad"(%{{.*}}) {{{.*}}value = 0.000000e+00
  %0 = "qgemm.pad"(%x) {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 1, 1, 0>, value = 1.0 : f32} : (tensor<1x4x4x1xf32>) -> tensor<1x6x6x1xf32>
  %1 = "qgemm.conv2d"(%0, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x6x6x1xf32>, tensor<1x3x3x1xf32>) -> tensor<1x4x4x1xf32>
  %2 = "qgemm.pad"(%x) {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 1, 1, 0>, value = 0.0 : f32} : (tensor<1x4x4x1xf32>) -> tensor<1x6x6x1xf32>
  %3 = "qgemm.max_pool2d"(%2) {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x6x6x1xf32>) -> tensor<1x4x4x1xf32>
  return %1, %3 : tensor<1x4x4x1xf32>, tensor<1x4x4x1xf32>
}

// CHECK-LABEL: func.func private @pools_take_the_pads_they_would_make
func.func private @pools_take_the_pads_they_would_make(%x: tensor<1x4x4x1xf32>) -> (tensor<1x4x4x1xf32>, tensor<1x4x4x1xf32>) {
  // CHECK-NOT: qgemm.pad
  // CHECK-DAG: "qgemm.max_pool2d"(%{{.*}}) {{{.*}}pads = array<i64: 1, 1, 1, 1>
  // CHECK-DAG: "qgemm.avg_pool2d"(%{{.*}}) {count_include_pad = true{{.*}}pads = array<i64: 1, 1, 1, 1>
  %0 = "qgemm.pad"(%x) {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 1, 1, 0>, value = 0xFF800000 : f32} : (tensor<1x4x4x1xf32>) -> tensor<1x6x6x1xf32>
  %1 = "qgemm.max_pool2d"(%0) {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x6x6x1xf32>) -> tensor<1x4x4x1xf32>
  %2 = "qgemm.pad"(%x) {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 1, 1, 0>, value = 0.0 : f32} : (tensor<1x4x4x1xf32>) -> tensor<1x6x6x1xf32>
  %3 = "qgemm.avg_pool2d"(%2) {kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, count_include_pad = false} : (tensor<1x6x6x1xf32>) -> tensor<1x4x4x1xf32>
  return %1, %3 : tensor<1x4x4x1xf32>, tensor<1x4x4x1xf32>
}

// CHECK-LABEL: func.func private @a_pad_of_nothing_goes
func.func private @a_pad_of_nothing_goes(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK-NEXT: return
  %0 = "qgemm.pad"(%x) {low = array<i64: 0>, high = array<i64: 0>, value = 1.0 : f32} : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// Transposes move below the ops that read them.
// RUN: %cimc %s --passes=canonicalize -o - | FileCheck %s

!q = !quant.uniform<i8:f32, 0.5:3>

// Out of one layout into the other and back, with all kinds of ops between.
// CHECK-LABEL: func.func @back_and_forth
// CHECK-NEXT: "qgemm.hard_swish"(%arg0)
// CHECK-NEXT: "qgemm.max"
func.func @back_and_forth(%x: tensor<1x6x4x2xf32>, %y: tensor<1x6x4x2xf32>) -> (tensor<1x3x4x4xf32>, tensor<1x3x4x4xui8>) {
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x6x4x2xf32>) -> tensor<1x2x6x4xf32>
  %1 = "qgemm.transpose"(%y) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x6x4x2xf32>) -> tensor<1x2x6x4xf32>
  %2 = "qgemm.hard_swish"(%0) : (tensor<1x2x6x4xf32>) -> tensor<1x2x6x4xf32>
  %3 = "qgemm.max"(%2, %1) : (tensor<1x2x6x4xf32>, tensor<1x2x6x4xf32>) -> tensor<1x2x6x4xf32>
  // CHECK-NEXT: "qgemm.concat"{{.*}}axis = 3 : i64
  %4 = "qgemm.concat"(%3, %1) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<1x2x6x4xf32>, tensor<1x2x6x4xf32>) -> tensor<1x4x6x4xf32>
  // CHECK-NEXT: "qgemm.slice"{{.*}}sizes = array<i64: 1, 3, 4, 4>, starts = array<i64: 0, 2, 0, 0>
  %5 = "qgemm.slice"(%4) {starts = array<i64: 0, 0, 2, 0>, sizes = array<i64: 1, 4, 3, 4>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x4x6x4xf32>) -> tensor<1x4x3x4xf32>
  %i = "qgemm.constant"() {value = dense<[0, 0, 3, 1]> : tensor<4xi64>} : () -> tensor<4xi64>
  // CHECK: "qgemm.gather"{{.*}}axis = 2 : i64
  %6 = "qgemm.gather"(%5, %i) {axis = 3 : i64} : (tensor<1x4x3x4xf32>, tensor<4xi64>) -> tensor<1x4x3x4xf32>
  // CHECK-NEXT: "qgemm.compare"
  %7 = "qgemm.compare"(%6, %5) {predicate = "lt"} : (tensor<1x4x3x4xf32>, tensor<1x4x3x4xf32>) -> tensor<1x4x3x4xui8>
  // CHECK-NEXT: "qgemm.select"
  // CHECK-NEXT: return
  %8 = "qgemm.select"(%7, %6, %5) : (tensor<1x4x3x4xui8>, tensor<1x4x3x4xf32>, tensor<1x4x3x4xf32>) -> tensor<1x4x3x4xf32>
  %9 = "qgemm.transpose"(%8) {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x4x3x4xf32>) -> tensor<1x3x4x4xf32>
  %10 = "qgemm.transpose"(%7) {perm = array<i64: 0, 2, 3, 1>} : (tensor<1x4x3x4xui8>) -> tensor<1x3x4x4xui8>
  return %9, %10 : tensor<1x3x4x4xf32>, tensor<1x3x4x4xui8>
}

// CHECK-LABEL: func.func private @drops_the_moved_axis
// CHECK-NEXT: "qgemm.arg_max"(%arg0) {axis = 3 : i64, keepdims = false, last = false}
// CHECK-SAME: -> tensor<2x6x4xi32>
// CHECK-NEXT: "qgemm.reduce_max"(%arg0) {axes = array<i64: 1, 2>, keepdims = false}
// CHECK-NEXT: return
func.func private @drops_the_moved_axis(%x: tensor<2x6x4x3x!q>) -> (tensor<2x6x4xi32>, tensor<2x3x!q>) {
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 0, 3, 1, 2>} : (tensor<2x6x4x3x!q>) -> tensor<2x3x6x4x!q>
  %1 = "qgemm.arg_max"(%0) {axis = 1 : i64, keepdims = false, last = false} : (tensor<2x3x6x4x!q>) -> tensor<2x6x4xi32>
  %2 = "qgemm.reduce_max"(%0) {axes = array<i64: 2, 3>, keepdims = false} : (tensor<2x3x6x4x!q>) -> tensor<2x3x!q>
  return %1, %2 : tensor<2x6x4xi32>, tensor<2x3x!q>
}

// A sum of reals depends on the order: it keeps the transpose that changes it.
// CHECK-LABEL: func.func private @order_of_a_sum
// CHECK-NEXT: "qgemm.transpose"
// CHECK-NEXT: "qgemm.reduce_sum"
func.func private @order_of_a_sum(%x: tensor<6x4xf32>) -> tensor<1x1xf32> {
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 1, 0>} : (tensor<6x4xf32>) -> tensor<4x6xf32>
  %1 = "qgemm.reduce_sum"(%0) {axes = array<i64: 0, 1>, keepdims = true} : (tensor<4x6xf32>) -> tensor<1x1xf32>
  return %1 : tensor<1x1xf32>
}

// Channels of the last dimension stay the last.
// CHECK-LABEL: func.func private @rescale_per_channel
// CHECK-NEXT: "qgemm.transpose"
// CHECK-NEXT: "qgemm.rescale"
// CHECK: "qgemm.rescale"(%arg0)
// CHECK-NEXT: "qgemm.transpose"
func.func private @rescale_per_channel(%x: tensor<2x3xi32>) -> (tensor<3x2xi8>, tensor<3x2xi8>) {
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 1, 0>} : (tensor<2x3xi32>) -> tensor<3x2xi32>
  %1 = "qgemm.rescale"(%0) {multipliers = array<i64: 1073741824, 1073741825>, shifts = array<i64: 30, 31>, input_zp = 0 : i64, output_zp = 0 : i64, rounding = "single"} : (tensor<3x2xi32>) -> tensor<3x2xi8>
  %2 = "qgemm.rescale"(%0) {multipliers = array<i64: 1073741824>, shifts = array<i64: 30>, input_zp = 0 : i64, output_zp = 0 : i64, rounding = "single"} : (tensor<3x2xi32>) -> tensor<3x2xi8>
  return %1, %2 : tensor<3x2xi8>, tensor<3x2xi8>
}

// Moved with its gaps.
// CHECK-LABEL: func.func private @interior
// CHECK-NEXT: "qgemm.pad"(%arg0) {high = array<i64: 2, 1>, interior = array<i64: 0, 3>, low = array<i64: 0, 0>
func.func private @interior(%x: tensor<4x5xf32>) -> tensor<18x6xf32> {
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 1, 0>} : (tensor<4x5xf32>) -> tensor<5x4xf32>
  %1 = "qgemm.pad"(%0) {low = array<i64: 0, 0>, high = array<i64: 1, 2>, interior = array<i64: 3, 0>, value = 0.0 : f32} : (tensor<5x4xf32>) -> tensor<18x6xf32>
  return %1 : tensor<18x6xf32>
}

// A value and its own transpose: moving it would only swap the two, for ever.
// CHECK-LABEL: func.func private @with_its_transpose
// CHECK-NEXT: %[[T:.*]] = "qgemm.transpose"(%arg0)
// CHECK-NEXT: "qgemm.sub"(%[[T]], %arg0)
// CHECK-NEXT: return
func.func private @with_its_transpose(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 1, 0>} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = "qgemm.sub"(%0, %x) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %1 : tensor<4x4xf32>
}

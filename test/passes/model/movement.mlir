// Slices, concats, gathers and pads out of the way.
// RUN: %cimc %s --passes=canonicalize -o - | FileCheck %s

// CHECK-LABEL: func.func @nothing_to_cut
// CHECK-NEXT: return %arg0, %arg0, %arg0, %arg0
func.func @nothing_to_cut(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %0 = "qgemm.slice"(%x) {starts = array<i64: 0, 0>, sizes = array<i64: 2, 3>, steps = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %1 = "qgemm.concat"(%x) {axis = 0 : i64, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %i = "qgemm.constant"() {value = dense<[0, 1, -1]> : tensor<3xi64>} : () -> tensor<3xi64>
  %2 = "qgemm.gather"(%x, %i) {axis = 1 : i64} : (tensor<2x3xf32>, tensor<3xi64>) -> tensor<2x3xf32>
  %3 = "qgemm.pad"(%x) {low = array<i64: 0, 0>, high = array<i64: 0, 0>, value = 0.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0, %1, %2, %3 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

// CHECK-LABEL: func.func private @backwards_is_something
// CHECK-NEXT: "qgemm.slice"(%arg0) {sizes = array<i64: 3>, starts = array<i64: 2>, steps = array<i64: -1>}
// CHECK-NEXT: "qgemm.pad"(%arg0)
func.func private @backwards_is_something(%x: tensor<3xf32>) -> (tensor<3xf32>, tensor<5xf32>) {
  %0 = "qgemm.slice"(%x) {starts = array<i64: 2>, sizes = array<i64: 3>, steps = array<i64: -1>} : (tensor<3xf32>) -> tensor<3xf32>
  %1 = "qgemm.pad"(%x) {low = array<i64: 0>, high = array<i64: 0>, interior = array<i64: 1>, value = 0.0 : f32} : (tensor<3xf32>) -> tensor<5xf32>
  return %0, %1 : tensor<3xf32>, tensor<5xf32>
}

// CHECK-LABEL: func.func private @slice_of_slice
// CHECK-NEXT: "qgemm.slice"(%arg0) {sizes = array<i64: 2>, starts = array<i64: 9>, steps = array<i64: -4>}
// CHECK-NEXT: return
func.func private @slice_of_slice(%x: tensor<12xf32>) -> tensor<2xf32> {
  %0 = "qgemm.slice"(%x) {starts = array<i64: 1>, sizes = array<i64: 5>, steps = array<i64: 2>} : (tensor<12xf32>) -> tensor<5xf32>
  %1 = "qgemm.slice"(%0) {starts = array<i64: 4>, sizes = array<i64: 2>, steps = array<i64: -2>} : (tensor<5xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// CHECK-LABEL: func.func private @slice_of_concat
// CHECK-NEXT: "qgemm.slice"(%arg1) {sizes = array<i64: 1, 2>, starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}
// CHECK-NEXT: %[[TWO:.*]] = "qgemm.concat"(%arg1, %arg0)
// CHECK-SAME: -> tensor<1x6xf32>
// CHECK-NEXT: "qgemm.slice"(%[[TWO]]) {sizes = array<i64: 1, 4>, starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}
// CHECK-NEXT: return
func.func private @slice_of_concat(%x: tensor<1x3xf32>, %y: tensor<1x3xf32>) -> (tensor<1x2xf32>, tensor<1x4xf32>) {
  %0 = "qgemm.concat"(%x, %y, %x) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<1x3xf32>, tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x9xf32>
  %1 = "qgemm.slice"(%0) {starts = array<i64: 0, 4>, sizes = array<i64: 1, 2>, steps = array<i64: 1, 1>} : (tensor<1x9xf32>) -> tensor<1x2xf32>
  %2 = "qgemm.slice"(%0) {starts = array<i64: 0, 4>, sizes = array<i64: 1, 4>, steps = array<i64: 1, 1>} : (tensor<1x9xf32>) -> tensor<1x4xf32>
  return %1, %2 : tensor<1x2xf32>, tensor<1x4xf32>
}

// What is cut in two and joined again was never cut.
// CHECK-LABEL: func.func private @split_and_joined
// CHECK-NEXT: return %arg0
func.func private @split_and_joined(%x: tensor<2x6xf32>) -> tensor<2x6xf32> {
  %0 = "qgemm.slice"(%x) {starts = array<i64: 0, 0>, sizes = array<i64: 2, 4>, steps = array<i64: 1, 1>} : (tensor<2x6xf32>) -> tensor<2x4xf32>
  %1 = "qgemm.slice"(%x) {starts = array<i64: 0, 4>, sizes = array<i64: 2, 2>, steps = array<i64: 1, 1>} : (tensor<2x6xf32>) -> tensor<2x2xf32>
  %2 = "qgemm.concat"(%0, %1) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<2x4xf32>, tensor<2x2xf32>) -> tensor<2x6xf32>
  return %2 : tensor<2x6xf32>
}

// CHECK-LABEL: func.func private @concat_of_concat
// CHECK-NEXT: "qgemm.concat"(%arg0, %arg0, %arg1, %arg1)
// CHECK-SAME: operandSegmentSizes = array<i32: 1, 1, 1, 1, 0,
// CHECK-NEXT: return
func.func private @concat_of_concat(%x: tensor<3xf32>, %y: tensor<2xf32>) -> tensor<10xf32> {
  %0 = "qgemm.concat"(%x, %y) {axis = 0 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<3xf32>, tensor<2xf32>) -> tensor<5xf32>
  %1 = "qgemm.concat"(%x, %0, %y) {axis = 0 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<3xf32>, tensor<5xf32>, tensor<2xf32>) -> tensor<10xf32>
  return %1 : tensor<10xf32>
}

// CHECK-LABEL: func.func private @even_walks
// CHECK: "qgemm.slice"(%arg0) {sizes = array<i64: 2, 3>, starts = array<i64: 1, 0>, steps = array<i64: 2, 1>}
// CHECK: "qgemm.slice"(%arg0) {sizes = array<i64: 1, 3>, starts = array<i64: 3, 0>, steps = array<i64: 1, 1>}
// CHECK: "qgemm.gather"
func.func private @even_walks(%x: tensor<4x3xf32>) -> (tensor<2x3xf32>, tensor<1x3xf32>, tensor<2x3xf32>) {
  %i = "qgemm.constant"() {value = dense<[1, 3]> : tensor<2xi32>} : () -> tensor<2xi32>
  %j = "qgemm.constant"() {value = dense<9> : tensor<1xi32>} : () -> tensor<1xi32>
  %k = "qgemm.constant"() {value = dense<[2, 2]> : tensor<2xi32>} : () -> tensor<2xi32>
  %0 = "qgemm.gather"(%x, %i) {axis = 0 : i64} : (tensor<4x3xf32>, tensor<2xi32>) -> tensor<2x3xf32>
  %1 = "qgemm.gather"(%x, %j) {axis = 0 : i64} : (tensor<4x3xf32>, tensor<1xi32>) -> tensor<1x3xf32>
  %2 = "qgemm.gather"(%x, %k) {axis = 0 : i64} : (tensor<4x3xf32>, tensor<2xi32>) -> tensor<2x3xf32>
  return %0, %1, %2 : tensor<2x3xf32>, tensor<1x3xf32>, tensor<2x3xf32>
}

// CHECK-LABEL: func.func private @pad_of_pad
// CHECK-NEXT: "qgemm.pad"(%arg0) {high = array<i64: 3>, interior = array<i64: 1>, low = array<i64: 1>, value = 2.000000e+00 : f32}
// CHECK-NEXT: %[[ONE:.*]] = "qgemm.pad"(%arg0)
// CHECK-NEXT: "qgemm.pad"(%[[ONE]])
func.func private @pad_of_pad(%x: tensor<3xf32>) -> (tensor<9xf32>, tensor<5xf32>) {
  %0 = "qgemm.pad"(%x) {low = array<i64: 1>, high = array<i64: 1>, interior = array<i64: 1>, value = 2.0 : f32} : (tensor<3xf32>) -> tensor<7xf32>
  %1 = "qgemm.pad"(%0) {low = array<i64: 0>, high = array<i64: 2>, value = 2.0 : f32} : (tensor<7xf32>) -> tensor<9xf32>
  %2 = "qgemm.pad"(%x) {low = array<i64: 1>, high = array<i64: 0>, value = 2.0 : f32} : (tensor<3xf32>) -> tensor<4xf32>
  %3 = "qgemm.pad"(%2) {low = array<i64: 1>, high = array<i64: 0>, value = 0.0 : f32} : (tensor<4xf32>) -> tensor<5xf32>
  return %1, %3 : tensor<9xf32>, tensor<5xf32>
}

// A pad with gaps is none that a convolution has itself.
// CHECK-LABEL: func.func private @transposed_convolution
// CHECK: "qgemm.pad"
// CHECK: "qgemm.conv2d"
// CHECK-SAME: pads = array<i64: 0, 0, 0, 0>
func.func private @transposed_convolution(%x: tensor<1x4x4x1xf32>, %w: tensor<1x3x3x1xf32>) -> tensor<1x7x7x1xf32> {
  %0 = "qgemm.pad"(%x) {low = array<i64: 0, 1, 1, 0>, high = array<i64: 0, 1, 1, 0>, interior = array<i64: 0, 1, 1, 0>, value = 0.0 : f32} : (tensor<1x4x4x1xf32>) -> tensor<1x9x9x1xf32>
  %1 = "qgemm.conv2d"(%0, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x9x9x1xf32>, tensor<1x3x3x1xf32>) -> tensor<1x7x7x1xf32>
  return %1 : tensor<1x7x7x1xf32>
}

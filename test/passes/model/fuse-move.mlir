// Ops that move elements move the integers.
// RUN: %cimc %s --passes=fuse -o - | FileCheck %s

!a = !quant.uniform<u8:f32, 0.5:3>
!b = !quant.uniform<u8:f32, 0.25:1>

// CHECK-LABEL: func.func @of_one_operand
// CHECK-NOT: qgemm.dequantize
// CHECK-NOT: qgemm.quantize
// CHECK: return
func.func @of_one_operand(%x: tensor<4x6x!a>) -> (tensor<2x!a>, tensor<1xi64>) {
  %0 = "qgemm.dequantize"(%x) : (tensor<4x6x!a>) -> tensor<4x6xf32>
  %1 = "qgemm.slice"(%0) {starts = array<i64: 0, 1>, sizes = array<i64: 4, 3>, steps = array<i64: 1, 1>} : (tensor<4x6xf32>) -> tensor<4x3xf32>
  %i = "qgemm.constant"() {value = dense<[2, 2]> : tensor<2xi32>} : () -> tensor<2xi32>
  %2 = "qgemm.gather"(%1, %i) {axis = 1 : i64} : (tensor<4x3xf32>, tensor<2xi32>) -> tensor<4x2xf32>
  %3 = "qgemm.reshape"(%2) : (tensor<4x2xf32>) -> tensor<2x4xf32>
  %4 = "qgemm.pad"(%3) {low = array<i64: 0, 1>, high = array<i64: 0, 0>, value = 0.0 : f32} : (tensor<2x4xf32>) -> tensor<2x5xf32>
  %5 = "qgemm.reduce_max"(%4) {axes = array<i64: 1>, keepdims = false} : (tensor<2x5xf32>) -> tensor<2xf32>
  %6 = "qgemm.arg_max"(%5) {axis = 0 : i64, keepdims = true, last = false} : (tensor<2xf32>) -> tensor<1xi64>
  %7 = "qgemm.quantize"(%5) : (tensor<2xf32>) -> tensor<2x!a>
  return %7, %6 : tensor<2x!a>, tensor<1xi64>
}

// A value between two steps stays a float.
// CHECK-LABEL: func.func private @pad_between_steps
// CHECK-NEXT: "qgemm.dequantize"
// CHECK-NEXT: "qgemm.pad"
func.func private @pad_between_steps(%x: tensor<4x!a>) -> tensor<5xf32> {
  %0 = "qgemm.dequantize"(%x) : (tensor<4x!a>) -> tensor<4xf32>
  %1 = "qgemm.pad"(%0) {low = array<i64: 1>, high = array<i64: 0>, value = 0.3 : f32} : (tensor<4xf32>) -> tensor<5xf32>
  return %1 : tensor<5xf32>
}

// Each operand of a concat goes to the scale of the result.
// CHECK-LABEL: func.func private @concat_of_two_scales
// CHECK-NEXT: %[[A:.*]] = "qgemm.requantize"(%arg0)
// CHECK-NEXT: "qgemm.concat"(%[[A]], %arg1)
// CHECK-NEXT: return
func.func private @concat_of_two_scales(%x: tensor<4x!a>, %y: tensor<4x!b>) -> tensor<8x!b> {
  %0 = "qgemm.dequantize"(%x) : (tensor<4x!a>) -> tensor<4xf32>
  %1 = "qgemm.dequantize"(%y) : (tensor<4x!b>) -> tensor<4xf32>
  %2 = "qgemm.concat"(%0, %1) {axis = 0 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %3 = "qgemm.quantize"(%2) : (tensor<8xf32>) -> tensor<8x!b>
  return %3 : tensor<8x!b>
}

// CHECK-LABEL: func.func private @choice_of_one_scale
// CHECK-NEXT: %[[C:.*]] = "qgemm.concat"(%arg0, %arg1)
// CHECK-NEXT: %[[S:.*]] = "qgemm.select"(%arg2, %[[C]], %[[C]])
// CHECK-NEXT: %[[F:.*]] = "qgemm.dequantize"(%[[S]])
// CHECK-NEXT: return %[[F]]
func.func private @choice_of_one_scale(%x: tensor<4x!a>, %y: tensor<4x!a>, %c: tensor<8xui8>) -> tensor<8xf32> {
  %0 = "qgemm.dequantize"(%x) : (tensor<4x!a>) -> tensor<4xf32>
  %1 = "qgemm.dequantize"(%y) : (tensor<4x!a>) -> tensor<4xf32>
  %2 = "qgemm.concat"(%0, %1) {axis = 0 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  %3 = "qgemm.select"(%c, %2, %2) : (tensor<8xui8>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %3 : tensor<8xf32>
}

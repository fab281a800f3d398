// What has no code: each is one error at its op.
// RUN: rm -rf %t && split-file %s %t
// RUN: not %cimc %t/weights.mlir --emit=lowered -o - 2>&1 | FileCheck %s --check-prefix=WEIGHTS
// RUN: not %cimc %t/bias.mlir --emit=lowered -o - 2>&1 | FileCheck %s --check-prefix=BIAS
// RUN: not %cimc %t/wide.mlir --emit=lowered -o - 2>&1 | FileCheck %s --check-prefix=WIDE
// RUN: not %cimc %t/unplanned.mlir --passes=lower -o - 2>&1 | FileCheck %s --check-prefix=PLAN
// RUN: not %cimc %t/long.mlir --emit=lowered -o - 2>&1 | FileCheck %s --check-prefix=LONG
// RUN: not %cimc %t/window.mlir --emit=lowered -o - 2>&1 | FileCheck %s --check-prefix=WINDOW

//--- weights.mlir
func.func @main(%x: tensor<1x4x4x2xf32>, %w: tensor<3x1x1x2xf32>) -> tensor<1x4x4x3xf32> {
  // WEIGHTS: weights.mlir:3:8: error: the weights are computed at run time; expected a qgemm.constant
  %y = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x4x4x2xf32>, tensor<3x1x1x2xf32>) -> tensor<1x4x4x3xf32>
  return %y : tensor<1x4x4x3xf32>
}
//--- bias.mlir
func.func @main(%x: tensor<1x4x4x2xf32>, %b: tensor<3xf32>) -> tensor<1x4x4x3xf32> {
  %w = "qgemm.constant"() {value = dense<1.0> : tensor<3x1x1x2xf32>} : () -> tensor<3x1x1x2xf32>
  // BIAS: error: the bias is computed at run time; expected a qgemm.constant
  %y = "qgemm.conv2d"(%x, %w, %b) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x4x4x2xf32>, tensor<3x1x1x2xf32>, tensor<3xf32>) -> tensor<1x4x4x3xf32>
  return %y : tensor<1x4x4x3xf32>
}
//--- wide.mlir
!x = !quant.uniform<i16:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>
func.func @main(%x: tensor<3x4x!x>) -> tensor<3x4x!x> {
  %w = "qgemm.constant"() {value = dense<1> : tensor<4x4xi8>} : () -> tensor<4x4x!w>
  // WIDE: error: no kernel for these element types; expected f32, or 8-bit quantized input and weights
  %y = "qgemm.matmul"(%x, %w) : (tensor<3x4x!x>, tensor<4x4x!w>) -> tensor<3x4x!x>
  return %y : tensor<3x4x!x>
}
//--- unplanned.mlir
// PLAN: error: a function without a memory plan; expected the attribute qgemm.workspace_bytes
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %y = "qgemm.relu"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}
//--- long.mlir
!x = !quant.uniform<i8:f32, 0.5>
!y = !quant.uniform<i8:f32, 0.00390625:-128>
func.func @main(%x: tensor<1x4096x!x>) -> tensor<1x4096x!y> {
  // LONG: error: softmax of 4096 elements with arithmetic "tflite"; expected at most 4095, whose sum its int32 holds
  %y = "qgemm.softmax"(%x) {axis = 1 : i64, arithmetic = "tflite"} : (tensor<1x4096x!x>) -> tensor<1x4096x!y>
  return %y : tensor<1x4096x!y>
}
//--- window.mlir
!x = !quant.uniform<i16:f32, 0.5>
func.func @main(%x: tensor<1x300x300x1x!x>) -> tensor<1x1x1x1x!x> {
  // WINDOW: error: a window of 300x300 elements averaged in integers; expected at most {{[0-9]+}} elements
  %y = "qgemm.avg_pool2d"(%x) {kernel = array<i64: 300, 300>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, count_include_pad = false, arithmetic = "tflite"} : (tensor<1x300x300x1x!x>) -> tensor<1x1x1x1x!x>
  return %y : tensor<1x1x1x1x!x>
}

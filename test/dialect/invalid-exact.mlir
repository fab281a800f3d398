// What the verifier says of requantization by fractions and of the integer
// arithmetic of pools and softmax. One fault each.
// RUN: not %cimc %s --emit=qgemm -o - 2>&1 | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:128>
!i8 = !quant.uniform<i8:f32, 0.125>
!i16 = !quant.uniform<i16:f32, 0.125>
!s8 = !quant.uniform<i8:f32, 0.00390625:-128>

func.func @main(%x: tensor<1x4x!u8>) -> tensor<1x4x!u8> {
  return %x : tensor<1x4x!u8>
}

func.func @two_of_three(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: 'rounding' is missing; expected multipliers, shifts and rounding, or none of them
  %0 = "qgemm.matmul"(%x, %w) {multipliers = array<i64: 1>, shifts = array<i64: 3>} : (tensor<1x4x!u8>, tensor<4x2x!i8>) -> tensor<1x2x!u8>
  return
}

func.func @too_many(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: 3 multipliers and 3 shifts; expected one of each, or one for each of 2 channels
  %0 = "qgemm.matmul"(%x, %w) {multipliers = array<i64: 1, 2, 3>, shifts = array<i64: 3, 3, 3>, rounding = "single"} : (tensor<1x4x!u8>, tensor<4x2x!i8>) -> tensor<1x2x!u8>
  return
}

func.func @far_shift(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: element 1 of 'shifts' is 63; expected 1 to 62
  %0 = "qgemm.matmul"(%x, %w) {multipliers = array<i64: 1, 2>, shifts = array<i64: 3, 63>, rounding = "single"} : (tensor<1x4x!u8>, tensor<4x2x!i8>) -> tensor<1x2x!u8>
  return
}

func.func @another_rounding(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: rounding is "even"; expected one of: single double
  %0 = "qgemm.matmul"(%x, %w) {multipliers = array<i64: 1>, shifts = array<i64: 3>, rounding = "even"} : (tensor<1x4x!u8>, tensor<4x2x!i8>) -> tensor<1x2x!u8>
  return
}

func.func @wide_result(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.matmul: the result has element type !quant.uniform<i16:f32, 1.250000e-01>; expected a quantized type of i8 or u8
  // CHECK: note: multipliers, shifts and rounding bring sums of bytes to a result of bytes
  %0 = "qgemm.matmul"(%x, %w) {multipliers = array<i64: 1>, shifts = array<i64: 3>, rounding = "single"} : (tensor<1x4x!u8>, tensor<4x2x!i8>) -> tensor<1x2x!i16>
  return
}

func.func @fractions_of_sums(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: the result has element type i32; expected a quantized type of i8 or u8
  %0 = "qgemm.matmul"(%x, %w) {multipliers = array<i64: 1>, shifts = array<i64: 3>, rounding = "single"} : (tensor<1x4x!u8>, tensor<4x2x!i8>) -> tensor<1x2xi32>
  return
}

func.func @sums_with_an_activation(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: an activation on a result of i32 sums; expected none
  %0 = "qgemm.matmul"(%x, %w) {activation = "relu"} : (tensor<1x4x!u8>, tensor<4x2x!i8>) -> tensor<1x2xi32>
  return
}

func.func @pool_of_floats(%x: tensor<1x4x4x1xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.avg_pool2d: x has element type f32; expected a quantized type, as its 'arithmetic' is of integers
  %0 = "qgemm.avg_pool2d"(%x) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, count_include_pad = false, arithmetic = "tosa"} : (tensor<1x4x4x1xf32>) -> tensor<1x3x3x1xf32>
  return
}

func.func @pool_of_two_types(%x: tensor<1x4x4x1x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.avg_pool2d: the result has element type !quant.uniform<i8:f32, 3.906250e-03:-128>; expected that of x
  %0 = "qgemm.avg_pool2d"(%x) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, count_include_pad = false, arithmetic = "tflite"} : (tensor<1x4x4x1x!i8>) -> tensor<1x3x3x1x!s8>
  return
}

func.func @pool_with_padding(%x: tensor<1x4x4x1x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.avg_pool2d: count_include_pad = true with an integer 'arithmetic'; expected false
  %0 = "qgemm.avg_pool2d"(%x) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, count_include_pad = true, arithmetic = "tflite"} : (tensor<1x4x4x1x!i8>) -> tensor<1x3x3x1x!i8>
  return
}

func.func @softmax_to_another_scale(%x: tensor<1x4x!i8>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.softmax: the result has element type !quant.uniform<i8:f32, 1.250000e-01>; expected the storage of x, the scale 1/256 and the smallest zero point
  // CHECK: note: arithmetic = "tflite" has no other result: 0.00390625:-128 of i8, 0.00390625:0 of u8
  %0 = "qgemm.softmax"(%x) {axis = 1 : i64, arithmetic = "tflite"} : (tensor<1x4x!i8>) -> tensor<1x4x!i8>
  return
}

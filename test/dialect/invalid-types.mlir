// What the verifier says of types that IRDL and the quant dialect let pass.
// RUN: not %cimc %s --emit=qgemm -o - 2>&1 | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:128>
!i8 = !quant.uniform<i8:f32, 0.125>
!i8c = !quant.uniform<i8:f32:1, {0.125, 0.25}>

func.func @main(%x: tensor<1x4x!u8>) -> tensor<1x4x!u8> {
  return %x : tensor<1x4x!u8>
}

// CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: argument 0: the zero point of channel 0 is 300; expected 0 to 255, what its storage can hold
func.func @zero_point_of_an_argument(%x: tensor<4x!quant.uniform<u8:f32, 0.5:300>>) {
  return
}

func.func @zero_point_of_a_channel() {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.constant: the result: the zero point of channel 1 is -129; expected -128 to 127
  %0 = "qgemm.constant"() {value = dense<1> : tensor<2xi8>} : () -> tensor<2x!quant.uniform<i8:f32:0, {0.5:0, 0.5:-129}>>
  return
}

func.func @narrow_range() {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.constant: the result: !quant.uniform<i8<-127:127>:f32, 5.000000e-01> narrows its storage range
  %0 = "qgemm.constant"() {value = dense<1> : tensor<2xi8>} : () -> tensor<2x!quant.uniform<i8<-127:127>:f32, 0.5>>
  return
}

func.func @axis_beyond_rank() {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.constant: the result: quantized along dimension 1 of shape 2; expected one of 0 to 0
  %0 = "qgemm.constant"() {value = dense<1> : tensor<2xi8>} : () -> tensor<2x!i8c>
  return
}

// CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: argument 0: quantized along dimension 1 of shape 4x?; expected its size to be known
func.func @unknown_number_of_scales(%w: tensor<4x?x!i8c>) {
  return
}

func.func @four_bits() {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.constant: the result: element type !quant.uniform<i4:f32, 5.000000e-01> is not supported
  // CHECK: note: quantized types are !quant.uniform<S:f32, scale:zero_point>
  %0 = "qgemm.constant"() {value = dense<1> : tensor<2xi4>} : () -> tensor<2x!quant.uniform<i4:f32, 0.5>>
  return
}

// CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: argument 0: element type f16 is not supported
func.func @half_precision(%x: tensor<4xf16>) {
  return
}

// CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: argument 0: dimension 1 of tensor<2x0xf32> is 0; expected 1 or more
func.func @empty(%x: tensor<2x0xf32>) {
  return
}

// CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: argument 0: type tensor<1x1x1x1x1x1x1x1x1xf32>; expected a ranked tensor of at most 8 dimensions
func.func @rank_9(%x: tensor<1x1x1x1x1x1x1x1x1xf32>) {
  return
}

func.func @more_than_memory() {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.constant: the result: tensor<9223372036854775807x9223372036854775807xi8> has more bytes than an address can count
  %0 = "qgemm.constant"() {value = dense<0> : tensor<9223372036854775807x9223372036854775807xi8>} : () -> tensor<9223372036854775807x9223372036854775807xi8>
  return
}

func.func @cast_to_other_sign(%x: tensor<4xi8>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.storage_cast: from element type i8 to !quant.uniform<u8:f32, 5.000000e-01:128>; expected a quantized type and the integer it is stored in
  // CHECK: note: !quant.uniform<i8:…> is stored in i8, <u8:…> in ui8
  %0 = "qgemm.storage_cast"(%x) : (tensor<4xi8>) -> tensor<4x!u8>
  return
}

func.func @quantize_of_quantized(%x: tensor<4x!u8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.quantize: x has element type !quant.uniform<u8:f32, 5.000000e-01:128>; expected f32
  %0 = "qgemm.quantize"(%x) : (tensor<4x!u8>) -> tensor<4x!i8>
  return
}

func.func @dequantize_of_integers(%x: tensor<4xi8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.dequantize: x has element type i8; expected a quantized type, !quant.uniform
  %0 = "qgemm.dequantize"(%x) : (tensor<4xi8>) -> tensor<4xf32>
  return
}

func.func @requantize_to_float(%x: tensor<4x!u8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.requantize: the result has element type f32; expected a quantized type of i8, u8, i16 or u16
  %0 = "qgemm.requantize"(%x) : (tensor<4x!u8>) -> tensor<4xf32>
  return
}

func.func @splat_of_tensor(%x: tensor<1xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.splat: the operand has type tensor<1xf32>; expected the scalar f32 or i32
  %0 = "qgemm.splat"(%x) : (tensor<1xf32>) -> tensor<1xf32>
  return
}

func.func @transposed_scales_stay(%x: tensor<3x2x!i8c>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.transpose: x has element type {{.*}}; expected the same scales along dimension 0
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 1, 0>} : (tensor<3x2x!i8c>) -> tensor<2x3x!quant.uniform<i8:f32:1, {0.125, 0.25, 0.5}>>
  return
}

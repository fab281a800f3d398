// What the verifier says of hand-written quantized products. One fault each.
// RUN: not %cimc %s --emit=qgemm -o - 2>&1 | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:128>
!i8 = !quant.uniform<i8:f32, 0.125>
!i8c = !quant.uniform<i8:f32:1, {0.125, 0.25}>
!i32 = !quant.uniform<i32:f32, 0.0625>
!i32c = !quant.uniform<i32:f32:0, {0.0625, 0.125}>

func.func @main(%x: tensor<1x4x!u8>) -> tensor<1x4x!u8> {
  return %x : tensor<1x4x!u8>
}

func.func @wrong_k(%x: tensor<1x4x!u8>, %w: tensor<3x2x!i8>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.matmul: lhs 1x4 has K = 4 but rhs 3x2 has K = 3; expected the same
  // CHECK: note: lhs is [.., M, K] and rhs is [.., K, N]
  %0 = "qgemm.matmul"(%x, %w) : (tensor<1x4x!u8>, tensor<3x2x!i8>) -> tensor<1x2x!u8>
  return
}

func.func @wrong_result_shape(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: the result has shape 1x3; expected 1x2
  %0 = "qgemm.matmul"(%x, %w) : (tensor<1x4x!u8>, tensor<4x2x!i8>) -> tensor<1x3x!u8>
  return
}

func.func @vector_lhs(%x: tensor<4x!u8>, %w: tensor<4x2x!i8>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.matmul: lhs has shape 4; expected two dimensions or more
  // CHECK: note: put a qgemm.reshape before it
  %0 = "qgemm.matmul"(%x, %w) : (tensor<4x!u8>, tensor<4x2x!i8>) -> tensor<2x!u8>
  return
}

func.func @rank_3_rhs(%x: tensor<2x1x4x!u8>, %w: tensor<2x4x2x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: rhs has shape 2x4x2, of rank 3; expected [K, N]
  %0 = "qgemm.matmul"(%x, %w) : (tensor<2x1x4x!u8>, tensor<2x4x2x!i8>) -> tensor<2x1x2x!u8>
  return
}

func.func @different_batches(%x: tensor<2x3x4xf32>, %y: tensor<5x4x2xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.batch_matmul: lhs 2x3x4 and rhs 5x4x2 differ in dimension 0; expected the same batch
  %0 = "qgemm.batch_matmul"(%x, %y) : (tensor<2x3x4xf32>, tensor<5x4x2xf32>) -> tensor<2x3x2xf32>
  return
}

func.func @quantized_times_float(%x: tensor<1x4x!u8>, %w: tensor<4x2xf32>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.matmul: lhs has element type !quant.uniform<u8:f32, 5.000000e-01:128> and rhs has f32; expected all f32, or all quantized
  // CHECK: note: put qgemm.quantize or qgemm.dequantize between
  %0 = "qgemm.matmul"(%x, %w) : (tensor<1x4x!u8>, tensor<4x2xf32>) -> tensor<1x2x!u8>
  return
}

func.func @integers_without_scales(%x: tensor<1x4xi8>, %w: tensor<4x2xi8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: lhs has element type i8; expected f32, or a quantized type of i8, u8, i16 or u16
  %0 = "qgemm.matmul"(%x, %w) : (tensor<1x4xi8>, tensor<4x2xi8>) -> tensor<1x2xi32>
  return
}

func.func @float_result(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: lhs has element type !quant.uniform<u8:f32, 5.000000e-01:128> and the result has f32; expected all f32
  %0 = "qgemm.matmul"(%x, %w) : (tensor<1x4x!u8>, tensor<4x2x!i8>) -> tensor<1x2xf32>
  return
}

func.func @scales_along_rows(%x: tensor<1x2x!u8>, %w: tensor<2x2x!quant.uniform<i8:f32:0, {0.125, 0.25}>>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: rhs is quantized along dimension 0; expected 1, that of the output channels, or one scale
  %0 = "qgemm.matmul"(%x, %w) : (tensor<1x2x!u8>, tensor<2x2x!quant.uniform<i8:f32:0, {0.125, 0.25}>>) -> tensor<1x2x!u8>
  return
}

func.func @scales_per_channel_of_activations(%x: tensor<1x2x!i8c>, %w: tensor<2x2x!i8>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.matmul: lhs has element type !quant.uniform<i8:f32:1, {1.250000e-01,2.500000e-01}>; expected one scale for the whole tensor
  // CHECK: note: scales per channel are for weights and biases only
  %0 = "qgemm.matmul"(%x, %w) : (tensor<1x2x!i8c>, tensor<2x2x!i8>) -> tensor<1x2x!u8>
  return
}

func.func @bias_of_wrong_length(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8>, %b: tensor<3x!i32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: the bias has shape 3; expected 2, one element for each output channel
  %0 = "qgemm.matmul"(%x, %w, %b) : (tensor<1x4x!u8>, tensor<4x2x!i8>, tensor<3x!i32>) -> tensor<1x2x!u8>
  return
}

func.func @more_bias_scales_than_channels(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8c>, %b: tensor<3x!quant.uniform<i32:f32:0, {0.0625, 0.125, 0.125}>>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: the bias has shape 3; expected 2, one element for each output channel
  %0 = "qgemm.matmul"(%x, %w, %b) : (tensor<1x4x!u8>, tensor<4x2x!i8c>, tensor<3x!quant.uniform<i32:f32:0, {0.0625, 0.125, 0.125}>>) -> tensor<1x2x!u8>
  return
}

func.func @bias_without_scale(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8>, %b: tensor<2xi32>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.matmul: the bias has element type i32; expected a quantized i32
  // CHECK: note: write it as !quant.uniform<i32:f32, s> with s the scale of lhs times that of rhs
  %0 = "qgemm.matmul"(%x, %w, %b) : (tensor<1x4x!u8>, tensor<4x2x!i8>, tensor<2xi32>) -> tensor<1x2x!u8>
  return
}

func.func @bias_of_8_bits(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8>, %b: tensor<2x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: the bias has element type !quant.uniform<i8:f32, 1.250000e-01>; expected a quantized i32
  %0 = "qgemm.matmul"(%x, %w, %b) : (tensor<1x4x!u8>, tensor<4x2x!i8>, tensor<2x!i8>) -> tensor<1x2x!u8>
  return
}

func.func @bias_scale_of_a_channel(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8c>, %b: tensor<2x!i32>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.matmul: the bias's scale of channel 1 is 0.0625; expected 0.125, lhs's scale 0.5 times rhs's 0.25
  // CHECK: note: a bias is added to the int32 accumulator
  %0 = "qgemm.matmul"(%x, %w, %b) : (tensor<1x4x!u8>, tensor<4x2x!i8c>, tensor<2x!i32>) -> tensor<1x2x!u8>
  return
}

func.func @bias_zero_point(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8>, %b: tensor<2x!quant.uniform<i32:f32, 0.0625:7>>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: the bias's zero point of channel 0 is 7; expected 0
  %0 = "qgemm.matmul"(%x, %w, %b) : (tensor<1x4x!u8>, tensor<4x2x!i8>, tensor<2x!quant.uniform<i32:f32, 0.0625:7>>) -> tensor<1x2x!u8>
  return
}

func.func @float_bias(%x: tensor<1x4xf32>, %w: tensor<4x2xf32>, %b: tensor<2x!i32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.matmul: lhs has element type f32 and the bias has !quant.uniform<i32:f32, 6.250000e-02>; expected all f32
  %0 = "qgemm.matmul"(%x, %w, %b) : (tensor<1x4xf32>, tensor<4x2xf32>, tensor<2x!i32>) -> tensor<1x2xf32>
  return
}

func.func @sum_beyond_int32(%x: tensor<1x140000x!u8>, %w: tensor<140000x2x!i8>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.matmul: a sum of 140000 products can come to {{[0-9]+}}; expected at most 2147483647, what an int32 holds
  // CHECK: note: split the sum into several ops
  %0 = "qgemm.matmul"(%x, %w) : (tensor<1x140000x!u8>, tensor<140000x2x!i8>) -> tensor<1x2x!u8>
  return
}

// CHECK-NOT: error:
func.func @per_channel_is_fine(%x: tensor<1x4x!u8>, %w: tensor<4x2x!i8c>, %b: tensor<2x!i32c>) {
  %0 = "qgemm.matmul"(%x, %w, %b) : (tensor<1x4x!u8>, tensor<4x2x!i8c>, tensor<2x!i32c>) -> tensor<1x2x!u8>
  return
}

// Constant weights are summed up as they are.
func.func @small_constant_weights_are_fine(%x: tensor<1x140000x!u8>) {
  %w = "qgemm.constant"() {value = dense<1> : tensor<140000x2xi8>} : () -> tensor<140000x2x!i8>
  %0 = "qgemm.matmul"(%x, %w) : (tensor<1x140000x!u8>, tensor<140000x2x!i8>) -> tensor<1x2x!u8>
  return
}

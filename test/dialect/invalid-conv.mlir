// What the verifier says of hand-written convolutions and pools.
// RUN: not %cimc %s --emit=qgemm -o - 2>&1 | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:128>
!u8b = !quant.uniform<u8:f32, 0.25:10>
!i8 = !quant.uniform<i8:f32, 0.125>
!i32 = !quant.uniform<i32:f32, 0.0625>

func.func @main(%x: tensor<1x4x!u8>) -> tensor<1x4x!u8> {
  return %x : tensor<1x4x!u8>
}

func.func @zero_stride(%x: tensor<1x6x6x3x!u8>, %w: tensor<2x3x3x3x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.conv2d: element 1 of 'strides' is 0; expected 1 or more
  %0 = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 0>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x6x6x3x!u8>, tensor<2x3x3x3x!i8>) -> tensor<1x4x4x2x!u8>
  return
}

func.func @negative_pad(%x: tensor<1x6x6x3x!u8>, %w: tensor<2x3x3x3x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.conv2d: element 2 of 'pads' is -1; expected 0 or more
  %0 = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, -1, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x6x6x3x!u8>, tensor<2x3x3x3x!i8>) -> tensor<1x4x4x2x!u8>
  return
}

func.func @enormous_dilation(%x: tensor<1x6x6x3x!u8>, %w: tensor<2x3x3x3x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.conv2d: element 0 of 'dilations' is 9223372036854775807; expected 1 or more, below 2^31
  %0 = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 9223372036854775807, 1>, groups = 1 : i64} : (tensor<1x6x6x3x!u8>, tensor<2x3x3x3x!i8>) -> tensor<1x4x4x2x!u8>
  return
}

func.func @kernel_beyond_input(%x: tensor<1x2x6x3x!u8>, %w: tensor<2x3x3x3x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.conv2d: the kernel's height is 3 at dilation 1; expected it to be at least 1 and to fit into the padded input, 2
  %0 = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x6x3x!u8>, tensor<2x3x3x3x!i8>) -> tensor<1x1x4x2x!u8>
  return
}

func.func @groups_that_do_not_divide(%x: tensor<1x6x6x3x!u8>, %w: tensor<2x3x3x3x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.conv2d: groups is 2; expected a divisor of the 3 input channels and of the 2 output channels
  %0 = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2 : i64} : (tensor<1x6x6x3x!u8>, tensor<2x3x3x3x!i8>) -> tensor<1x4x4x2x!u8>
  return
}

func.func @weights_in_onnx_order(%x: tensor<1x6x6x4x!u8>, %w: tensor<2x4x3x3x!i8>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.conv2d: the weights 2x4x3x3 have 3 input channels; expected 4
  // CHECK: note: the input is [N, H, W, C_in], the weights are [C_out, KH, KW, C_in / groups]
  %0 = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x6x6x4x!u8>, tensor<2x4x3x3x!i8>) -> tensor<1x4x4x2x!u8>
  return
}

func.func @rank_3_input(%x: tensor<6x6x3x!u8>, %w: tensor<2x3x3x3x!i8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.conv2d: the input has shape 6x6x3, of rank 3; expected [N, H, W, C_in]
  %0 = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<6x6x3x!u8>, tensor<2x3x3x3x!i8>) -> tensor<4x4x2x!u8>
  return
}

func.func @scale_count(%x: tensor<1x6x6x3x!u8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.constant: the result: 3 scales for dimension 0 of shape 2x3x3x3; expected 2
  %w = "qgemm.constant"() {value = dense<1> : tensor<2x3x3x3xi8>} : () -> tensor<2x3x3x3x!quant.uniform<i8:f32:0, {0.5, 0.5, 0.5}>>
  return
}

func.func @residual_of_other_shape(%x: tensor<1x6x6x3x!u8>, %w: tensor<2x3x3x3x!i8>, %b: tensor<2x!i32>, %r: tensor<1x4x4x1x!u8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.conv2d_add: the residual has shape 1x4x4x1; expected 1x4x4x2, the convolution's
  %0 = "qgemm.conv2d_add"(%x, %w, %b, %r) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, mid = !u8b} : (tensor<1x6x6x3x!u8>, tensor<2x3x3x3x!i8>, tensor<2x!i32>, tensor<1x4x4x1x!u8>) -> tensor<1x4x4x2x!u8>
  return
}

func.func @float_mid(%x: tensor<1x6x6x3x!u8>, %w: tensor<2x3x3x3x!i8>, %b: tensor<2x!i32>, %r: tensor<1x4x4x2x!u8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.conv2d_add: the input has element type !quant.uniform<u8:f32, 5.000000e-01:128> and 'mid' has f32; expected all f32, or all quantized
  %0 = "qgemm.conv2d_add"(%x, %w, %b, %r) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, mid = f32} : (tensor<1x6x6x3x!u8>, tensor<2x3x3x3x!i8>, tensor<2x!i32>, tensor<1x4x4x2x!u8>) -> tensor<1x4x4x2x!u8>
  return
}

func.func @mid_is_no_type(%x: tensor<1x6x6x3x!u8>, %w: tensor<2x3x3x3x!i8>, %b: tensor<2x!i32>, %r: tensor<1x4x4x2x!u8>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.conv2d_add: attribute 'mid' is not a type; expected that
  // CHECK: note: write it so: mid = !quant.uniform<u8:f32, 0.1:128>
  %0 = "qgemm.conv2d_add"(%x, %w, %b, %r) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, mid = "u8"} : (tensor<1x6x6x3x!u8>, tensor<2x3x3x3x!i8>, tensor<2x!i32>, tensor<1x4x4x2x!u8>) -> tensor<1x4x4x2x!u8>
  return
}

func.func @residual_first_is_no_bool(%x: tensor<1x6x6x3x!u8>, %w: tensor<2x3x3x3x!i8>, %b: tensor<2x!i32>, %r: tensor<1x4x4x2x!u8>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.conv2d_add: attribute 'residual_first' is not true or false; expected that
  // CHECK: note: write it so: residual_first = true
  %0 = "qgemm.conv2d_add"(%x, %w, %b, %r) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, mid = !u8, residual_first = 1 : i64} : (tensor<1x6x6x3x!u8>, tensor<2x3x3x3x!i8>, tensor<2x!i32>, tensor<1x4x4x2x!u8>) -> tensor<1x4x4x2x!u8>
  return
}

func.func @pool_of_nothing_but_padding(%x: tensor<1x4x4x2x!u8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.max_pool2d: pads 2 and 0 of the height let a window of 2 lie wholly in the padding; expected each window to touch the input
  %0 = "qgemm.max_pool2d"(%x) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 2, 0, 0, 0>} : (tensor<1x4x4x2x!u8>) -> tensor<1x3x2x2x!u8>
  return
}

func.func @max_pool_changes_scale(%x: tensor<1x4x4x2x!u8>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.max_pool2d: x has element type !quant.uniform<u8:f32, 5.000000e-01:128>, the result !quant.uniform<u8:f32, 2.500000e-01:10>; expected the same
  // CHECK: note: to change the scale, use qgemm.requantize
  %0 = "qgemm.max_pool2d"(%x) {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x2x!u8>) -> tensor<1x2x2x2x!u8b>
  return
}

func.func @global_pool_of_a_matrix(%x: tensor<4x2x!u8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.global_avg_pool2d: the operand has shape 4x2, of rank 2; expected [N, H, W, C]
  %0 = "qgemm.global_avg_pool2d"(%x) : (tensor<4x2x!u8>) -> tensor<1x2x!u8>
  return
}

func.func @global_pool_to_two_pixels(%x: tensor<1x4x4x2x!u8>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.global_avg_pool2d: the result has shape 1x2x1x2; expected 1x1x1x2
  %0 = "qgemm.global_avg_pool2d"(%x) : (tensor<1x4x4x2x!u8>) -> tensor<1x2x1x2x!u8>
  return
}

func.func @global_pool_of_too_many_pixels(%x: tensor<1x4096x4096x2x!u8>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.global_avg_pool2d: an int32 may not hold the sum of 16777216 pixels; expected at most 8421504
  // CHECK: note: put it between a qgemm.dequantize and a qgemm.quantize
  %0 = "qgemm.global_avg_pool2d"(%x) : (tensor<1x4096x4096x2x!u8>) -> tensor<1x1x1x2x!u8>
  return
}

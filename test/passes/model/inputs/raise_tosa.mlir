// tosa, one function a case: see raise_oracle.py. Shapes are small and uneven,
// so that what is mixed up shows.

func.func @conv2d_sums(%x: tensor<1x7x6x3xi8>) -> tensor<1x7x6x5xi32> {
  %w = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<5x3x3x3xi8>} : () -> tensor<5x3x3x3xi8>
  %b = "tosa.const"() {values = dense<RAND(-3000,3000)> : tensor<5xi32>} : () -> tensor<5xi32>
  %xz = "tosa.const"() {values = dense<-7> : tensor<1xi8>} : () -> tensor<1xi8>
  %wz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.conv2d %x, %w, %b, %xz, %wz {acc_type = i32, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
      : (tensor<1x7x6x3xi8>, tensor<5x3x3x3xi8>, tensor<5xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x7x6x5xi32>
  return %s : tensor<1x7x6x5xi32>
}

func.func @conv2d_weight_zp(%x: tensor<2x8x9x4xi8>) -> tensor<2x3x4x6xi32> {
  %w = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<6x3x2x4xi8>} : () -> tensor<6x3x2x4xi8>
  %b = "tosa.const"() {values = dense<7> : tensor<1xi32>} : () -> tensor<1xi32>
  %xz = "tosa.const"() {values = dense<11> : tensor<1xi8>} : () -> tensor<1xi8>
  %wz = "tosa.const"() {values = dense<3> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.conv2d %x, %w, %b, %xz, %wz {acc_type = i32, pad = array<i64: 0, 1, 0, 0>, stride = array<i64: 3, 2>, dilation = array<i64: 1, 2>}
      : (tensor<2x8x9x4xi8>, tensor<6x3x2x4xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<2x3x4x6xi32>
  return %s : tensor<2x3x4x6xi32>
}

func.func @conv2d_rescale_double(%x: tensor<1x8x8x4xi8>) -> tensor<1x8x8x8xi8> {
  %w = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<8x3x3x4xi8>} : () -> tensor<8x3x3x4xi8>
  %b = "tosa.const"() {values = dense<RAND(-3000,3000)> : tensor<8xi32>} : () -> tensor<8xi32>
  %xz = "tosa.const"() {values = dense<-5> : tensor<1xi8>} : () -> tensor<1xi8>
  %wz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.conv2d %x, %w, %b, %xz, %wz {acc_type = i32, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
      : (tensor<1x8x8x4xi8>, tensor<8x3x3x4xi8>, tensor<8xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x8x8x8xi32>
  %m = "tosa.const"() {values = dense<1431655765> : tensor<1xi32>} : () -> tensor<1xi32>
  %h = "tosa.const"() {values = dense<40> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %oz = "tosa.const"() {values = dense<-3> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<1x8x8x8xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>)
      -> tensor<1x8x8x8xi8>
  return %y : tensor<1x8x8x8xi8>
}

func.func @conv2d_rescale_channels(%x: tensor<1x5x5x3xi8>)
    -> tensor<1x5x5x16xi8> {
  %w = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<16x1x1x3xi8>} : () -> tensor<16x1x1x3xi8>
  %b = "tosa.const"() {values = dense<RAND(-3000,3000)> : tensor<16xi32>} : () -> tensor<16xi32>
  %xz = "tosa.const"() {values = dense<4> : tensor<1xi8>} : () -> tensor<1xi8>
  %wz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.conv2d %x, %w, %b, %xz, %wz {acc_type = i32, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
      : (tensor<1x5x5x3xi8>, tensor<16x1x1x3xi8>, tensor<16xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x5x5x16xi32>
  %m = "tosa.const"() {values = dense<RAND(1073741824,2147483647)> : tensor<16xi32>} : () -> tensor<16xi32>
  %h = "tosa.const"() {values = dense<RAND(36,40)> : tensor<16xi8>} : () -> tensor<16xi8>
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %oz = "tosa.const"() {values = dense<9> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = true, rounding_mode = SINGLE_ROUND, per_channel = true,
      input_unsigned = false, output_unsigned = false}
      : (tensor<1x5x5x16xi32>, tensor<16xi32>, tensor<16xi8>, tensor<1xi32>, tensor<1xi8>)
      -> tensor<1x5x5x16xi8>
  %r = tosa.clamp %y {min_val = 9 : i8, max_val = 100 : i8}
      : (tensor<1x5x5x16xi8>) -> tensor<1x5x5x16xi8>
  return %r : tensor<1x5x5x16xi8>
}

func.func @conv2d_scale16(%x: tensor<1x6x6x4xi8>) -> tensor<1x6x6x3xi16> {
  %w = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<3x3x3x4xi8>} : () -> tensor<3x3x3x4xi8>
  %b = "tosa.const"() {values = dense<RAND(-3000,3000)> : tensor<3xi32>} : () -> tensor<3xi32>
  %xz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %wz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.conv2d %x, %w, %b, %xz, %wz {acc_type = i32, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
      : (tensor<1x6x6x4xi8>, tensor<3x3x3x4xi8>, tensor<3xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x6x6x3xi32>
  %m = "tosa.const"() {values = dense<20011> : tensor<1xi16>} : () -> tensor<1xi16>
  %h = "tosa.const"() {values = dense<17> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %oz = "tosa.const"() {values = dense<0> : tensor<1xi16>} : () -> tensor<1xi16>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = false, rounding_mode = SINGLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<1x6x6x3xi32>, tensor<1xi16>, tensor<1xi8>, tensor<1xi32>, tensor<1xi16>)
      -> tensor<1x6x6x3xi16>
  return %y : tensor<1x6x6x3xi16>
}

func.func @depthwise(%x: tensor<1x9x9x4xi8>) -> tensor<1x5x5x8xi8> {
  %w = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<3x3x4x2xi8>} : () -> tensor<3x3x4x2xi8>
  %b = "tosa.const"() {values = dense<RAND(-3000,3000)> : tensor<8xi32>} : () -> tensor<8xi32>
  %xz = "tosa.const"() {values = dense<3> : tensor<1xi8>} : () -> tensor<1xi8>
  %wz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.depthwise_conv2d %x, %w, %b, %xz, %wz {acc_type = i32, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 2, 2>, dilation = array<i64: 1, 1>}
      : (tensor<1x9x9x4xi8>, tensor<3x3x4x2xi8>, tensor<8xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x5x5x8xi32>
  %m = "tosa.const"() {values = dense<1717986918> : tensor<1xi32>} : () -> tensor<1xi32>
  %h = "tosa.const"() {values = dense<38> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %oz = "tosa.const"() {values = dense<1> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<1x5x5x8xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>)
      -> tensor<1x5x5x8xi8>
  return %y : tensor<1x5x5x8xi8>
}

func.func @depthwise_sums(%x: tensor<1x6x5x3xi8>) -> tensor<1x6x5x3xi32> {
  %w = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<3x3x3x1xi8>} : () -> tensor<3x3x3x1xi8>
  %b = "tosa.const"() {values = dense<RAND(-3000,3000)> : tensor<3xi32>} : () -> tensor<3xi32>
  %xz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
  %wz = "tosa.const"() {values = dense<2> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.depthwise_conv2d %x, %w, %b, %xz, %wz {acc_type = i32, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
      : (tensor<1x6x5x3xi8>, tensor<3x3x3x1xi8>, tensor<3xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x6x5x3xi32>
  return %s : tensor<1x6x5x3xi32>
}

func.func @transpose_conv2d(%x: tensor<1x4x5x3xi8>) -> tensor<1x9x11x4xi32> {
  %w = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<4x3x3x3xi8>} : () -> tensor<4x3x3x3xi8>
  %b = "tosa.const"() {values = dense<RAND(-3000,3000)> : tensor<4xi32>} : () -> tensor<4xi32>
  %xz = "tosa.const"() {values = dense<6> : tensor<1xi8>} : () -> tensor<1xi8>
  %wz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.transpose_conv2d %x, %w, %b, %xz, %wz {acc_type = i32, out_pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>}
      : (tensor<1x4x5x3xi8>, tensor<4x3x3x3xi8>, tensor<4xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x9x11x4xi32>
  return %s : tensor<1x9x11x4xi32>
}

func.func @transpose_conv2d_cut(%x: tensor<1x4x4x2xi8>) -> tensor<1x7x8x3xi32> {
  %w = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<3x3x4x2xi8>} : () -> tensor<3x3x4x2xi8>
  %b = "tosa.const"() {values = dense<RAND(-3000,3000)> : tensor<3xi32>} : () -> tensor<3xi32>
  %xz = "tosa.const"() {values = dense<-2> : tensor<1xi8>} : () -> tensor<1xi8>
  %wz = "tosa.const"() {values = dense<1> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.transpose_conv2d %x, %w, %b, %xz, %wz {acc_type = i32, out_pad = array<i64: -1, -1, -1, -1>, stride = array<i64: 2, 2>}
      : (tensor<1x4x4x2xi8>, tensor<3x3x4x2xi8>, tensor<3xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x7x8x3xi32>
  return %s : tensor<1x7x8x3xi32>
}

func.func @conv2d_f32(%x: tensor<1x7x7x3xf32>) -> tensor<1x4x4x5xf32> {
  %w = "tosa.const"() {values = dense<RAND(-1,1)> : tensor<5x3x3x3xf32>} : () -> tensor<5x3x3x3xf32>
  %b = "tosa.const"() {values = dense<RAND(-1,1)> : tensor<5xf32>} : () -> tensor<5xf32>
  %xz = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %wz = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %s = tosa.conv2d %x, %w, %b, %xz, %wz {acc_type = f32, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 2, 2>, dilation = array<i64: 1, 1>}
      : (tensor<1x7x7x3xf32>, tensor<5x3x3x3xf32>, tensor<5xf32>, tensor<1xf32>, tensor<1xf32>)
      -> tensor<1x4x4x5xf32>
  return %s : tensor<1x4x4x5xf32>
}

func.func @depthwise_f32(%x: tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32> {
  %w = "tosa.const"() {values = dense<RAND(-1,1)> : tensor<3x3x4x1xf32>} : () -> tensor<3x3x4x1xf32>
  %b = "tosa.const"() {values = dense<RAND(-1,1)> : tensor<4xf32>} : () -> tensor<4xf32>
  %xz = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %wz = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %s = tosa.depthwise_conv2d %x, %w, %b, %xz, %wz {acc_type = f32, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
      : (tensor<1x6x6x4xf32>, tensor<3x3x4x1xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>)
      -> tensor<1x6x6x4xf32>
  return %s : tensor<1x6x6x4xf32>
}

func.func @transpose_conv2d_f32(%x: tensor<1x3x3x2xf32>)
    -> tensor<1x6x6x3xf32> {
  %w = "tosa.const"() {values = dense<RAND(-1,1)> : tensor<3x2x2x2xf32>} : () -> tensor<3x2x2x2xf32>
  %b = "tosa.const"() {values = dense<RAND(-1,1)> : tensor<3xf32>} : () -> tensor<3xf32>
  %xz = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %wz = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %s = tosa.transpose_conv2d %x, %w, %b, %xz, %wz {acc_type = f32, out_pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 2, 2>}
      : (tensor<1x3x3x2xf32>, tensor<3x2x2x2xf32>, tensor<3xf32>, tensor<1xf32>, tensor<1xf32>)
      -> tensor<1x6x6x3xf32>
  return %s : tensor<1x6x6x3xf32>
}

func.func @matmul(%x: tensor<2x5x16xi8>, %y: tensor<2x16x7xi8>)
    -> tensor<2x5x7xi32> {
  %xz = "tosa.const"() {values = dense<3> : tensor<1xi8>} : () -> tensor<1xi8>
  %yz = "tosa.const"() {values = dense<-4> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.matmul %x, %y, %xz, %yz
      : (tensor<2x5x16xi8>, tensor<2x16x7xi8>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<2x5x7xi32>
  return %s : tensor<2x5x7xi32>
}

func.func @matmul_constant(%x: tensor<1x4x12xi8>) -> tensor<1x4x6xi8> {
  %w = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<1x12x6xi8>} : () -> tensor<1x12x6xi8>
  %xz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
  %wz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %s = tosa.matmul %x, %w, %xz, %wz
      : (tensor<1x4x12xi8>, tensor<1x12x6xi8>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x4x6xi32>
  %m = "tosa.const"() {values = dense<1288490189> : tensor<1xi32>} : () -> tensor<1xi32>
  %h = "tosa.const"() {values = dense<39> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %oz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<1x4x6xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>)
      -> tensor<1x4x6xi8>
  return %y : tensor<1x4x6xi8>
}

func.func @matmul_f32(%x: tensor<1x3x9xf32>, %y: tensor<1x9x5xf32>)
    -> tensor<1x3x5xf32> {
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %s = tosa.matmul %x, %y, %z, %z
      : (tensor<1x3x9xf32>, tensor<1x9x5xf32>, tensor<1xf32>, tensor<1xf32>)
      -> tensor<1x3x5xf32>
  return %s : tensor<1x3x5xf32>
}

// in: -2147483648..2147483647
func.func @rescale_i32_single(%s: tensor<300xi32>) -> tensor<300xi8> {
  %m = "tosa.const"() {values = dense<1518500250> : tensor<1xi32>} : () -> tensor<1xi32>
  %h = "tosa.const"() {values = dense<51> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %oz = "tosa.const"() {values = dense<-7> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = true, rounding_mode = SINGLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<300xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>)
      -> tensor<300xi8>
  return %y : tensor<300xi8>
}

// in: -2147483648..2147483647
func.func @rescale_i32_double(%s: tensor<300xi32>) -> tensor<300xi16> {
  %m = "tosa.const"() {values = dense<1073741825> : tensor<1xi32>} : () -> tensor<1xi32>
  %h = "tosa.const"() {values = dense<46> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %oz = "tosa.const"() {values = dense<0> : tensor<1xi16>} : () -> tensor<1xi16>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<300xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi16>)
      -> tensor<300xi16>
  return %y : tensor<300xi16>
}

// in: -200000000..200000000
func.func @rescale_double_short_shift(%s: tensor<200xi32>) -> tensor<200xi32> {
  %m = "tosa.const"() {values = dense<1431655765> : tensor<1xi32>} : () -> tensor<1xi32>
  %h = "tosa.const"() {values = dense<30> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %oz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<200xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi32>)
      -> tensor<200xi32>
  return %y : tensor<200xi32>
}

func.func @rescale_i8_i32(%s: tensor<4x64xi8>) -> tensor<4x64xi32> {
  %m = "tosa.const"() {values = dense<1073741824> : tensor<1xi32>} : () -> tensor<1xi32>
  %h = "tosa.const"() {values = dense<20> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
  %oz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = true, rounding_mode = SINGLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<4x64xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>, tensor<1xi32>)
      -> tensor<4x64xi32>
  return %y : tensor<4x64xi32>
}

func.func @rescale_i16_i8(%s: tensor<256xi16>) -> tensor<256xi8> {
  %m = "tosa.const"() {values = dense<1932735283> : tensor<1xi32>} : () -> tensor<1xi32>
  %h = "tosa.const"() {values = dense<38> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi16>} : () -> tensor<1xi16>
  %oz = "tosa.const"() {values = dense<-1> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<256xi16>, tensor<1xi32>, tensor<1xi8>, tensor<1xi16>, tensor<1xi8>)
      -> tensor<256xi8>
  return %y : tensor<256xi8>
}

func.func @rescale_i8_i16(%s: tensor<256xi8>) -> tensor<256xi16> {
  %m = "tosa.const"() {values = dense<26214> : tensor<1xi16>} : () -> tensor<1xi16>
  %h = "tosa.const"() {values = dense<8> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<5> : tensor<1xi8>} : () -> tensor<1xi8>
  %oz = "tosa.const"() {values = dense<0> : tensor<1xi16>} : () -> tensor<1xi16>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = false, rounding_mode = SINGLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<256xi8>, tensor<1xi16>, tensor<1xi8>, tensor<1xi8>, tensor<1xi16>)
      -> tensor<256xi16>
  return %y : tensor<256xi16>
}

func.func @rescale_unsigned_in(%s: tensor<256xi8>) -> tensor<256xi8> {
  %m = "tosa.const"() {values = dense<1073741824> : tensor<1xi32>} : () -> tensor<1xi32>
  %h = "tosa.const"() {values = dense<30> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
  %oz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = true, rounding_mode = SINGLE_ROUND, per_channel = false,
      input_unsigned = true, output_unsigned = false}
      : (tensor<256xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<256xi8>
  return %y : tensor<256xi8>
}

func.func @rescale_unsigned_out(%s: tensor<256xi8>) -> tensor<256xi8> {
  %m = "tosa.const"() {values = dense<1610612736> : tensor<1xi32>} : () -> tensor<1xi32>
  %h = "tosa.const"() {values = dense<30> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<3> : tensor<1xi8>} : () -> tensor<1xi8>
  %oz = "tosa.const"() {values = dense<-100> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = true, rounding_mode = SINGLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = true}
      : (tensor<256xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<256xi8>
  return %y : tensor<256xi8>
}

func.func @rescale_channels(%s: tensor<3x5x6xi32>) -> tensor<3x5x6xi8> {
  %m = "tosa.const"() {values = dense<RAND(1073741824,2147483647)> : tensor<6xi32>} : () -> tensor<6xi32>
  %h = "tosa.const"() {values = dense<RAND(36,52)> : tensor<6xi8>} : () -> tensor<6xi8>
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %oz = "tosa.const"() {values = dense<2> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = true,
      input_unsigned = false, output_unsigned = false}
      : (tensor<3x5x6xi32>, tensor<6xi32>, tensor<6xi8>, tensor<1xi32>, tensor<1xi8>)
      -> tensor<3x5x6xi8>
  return %y : tensor<3x5x6xi8>
}

func.func @rescale_add(%a: tensor<2x30xi8>, %b: tensor<2x30xi8>)
    -> tensor<2x30xi8> {
  %ma = "tosa.const"() {values = dense<1073741824> : tensor<1xi32>} : () -> tensor<1xi32>
  %ha = "tosa.const"() {values = dense<11> : tensor<1xi8>} : () -> tensor<1xi8>
  %iza = "tosa.const"() {values = dense<5> : tensor<1xi8>} : () -> tensor<1xi8>
  %oza = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %p = tosa.rescale %a, %ma, %ha, %iza, %oza {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<2x30xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>, tensor<1xi32>)
      -> tensor<2x30xi32>
  %mb = "tosa.const"() {values = dense<1503238553> : tensor<1xi32>} : () -> tensor<1xi32>
  %hb = "tosa.const"() {values = dense<12> : tensor<1xi8>} : () -> tensor<1xi8>
  %izb = "tosa.const"() {values = dense<-9> : tensor<1xi8>} : () -> tensor<1xi8>
  %ozb = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %q = tosa.rescale %b, %mb, %hb, %izb, %ozb {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<2x30xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>, tensor<1xi32>)
      -> tensor<2x30xi32>
  %s = tosa.add %p, %q : (tensor<2x30xi32>, tensor<2x30xi32>) -> tensor<2x30xi32>
  %m = "tosa.const"() {values = dense<1234567890> : tensor<1xi32>} : () -> tensor<1xi32>
  %h = "tosa.const"() {values = dense<50> : tensor<1xi8>} : () -> tensor<1xi8>
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %oz = "tosa.const"() {values = dense<-4> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.rescale %s, %m, %h, %iz, %oz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<2x30xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>)
      -> tensor<2x30xi8>
  return %y : tensor<2x30xi8>
}

func.func @table_i8(%x: tensor<2x150xi8>) -> tensor<2x150xi8> {
  %t = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<256xi8>} : () -> tensor<256xi8>
  %y = tosa.table %x, %t : (tensor<2x150xi8>, tensor<256xi8>) -> tensor<2x150xi8>
  return %y : tensor<2x150xi8>
}

func.func @table_i16(%x: tensor<500xi16>) -> tensor<500xi32> {
  %t = "tosa.const"() {values = dense<RAND(-32768,32767)> : tensor<513xi16>} : () -> tensor<513xi16>
  %y = tosa.table %x, %t : (tensor<500xi16>, tensor<513xi16>) -> tensor<500xi32>
  return %y : tensor<500xi32>
}

func.func @clamp_i8(%x: tensor<300xi8>) -> tensor<300xi8> {
  %y = tosa.clamp %x {min_val = -100 : i8, max_val = 27 : i8}
      : (tensor<300xi8>) -> tensor<300xi8>
  return %y : tensor<300xi8>
}

func.func @clamp_i16(%x: tensor<300xi16>) -> tensor<300xi16> {
  %y = tosa.clamp %x {min_val = -1000 : i16, max_val = 32767 : i16}
      : (tensor<300xi16>) -> tensor<300xi16>
  return %y : tensor<300xi16>
}

func.func @clamp_f32(%x: tensor<300xf32>) -> tensor<300xf32> {
  %y = tosa.clamp %x {min_val = -1.5 : f32, max_val = 2.25 : f32}
      : (tensor<300xf32>) -> tensor<300xf32>
  return %y : tensor<300xf32>
}

func.func @negate_zp(%x: tensor<256xi8>) -> tensor<256xi8> {
  %iz = "tosa.const"() {values = dense<-20> : tensor<1xi8>} : () -> tensor<1xi8>
  %oz = "tosa.const"() {values = dense<7> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.negate %x, %iz, %oz : (tensor<256xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<256xi8>
  return %y : tensor<256xi8>
}

func.func @negate_i32(%x: tensor<64xi32>) -> tensor<64xi32> {
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %y = tosa.negate %x, %iz, %iz : (tensor<64xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<64xi32>
  return %y : tensor<64xi32>
}

// in: -2147483648..-2147483640
func.func @negate_i32_smallest(%x: tensor<64xi32>) -> tensor<64xi32> {
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %y = tosa.negate %x, %iz, %iz : (tensor<64xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<64xi32>
  return %y : tensor<64xi32>
}

// in: -128..-121
func.func @negate_i8_smallest(%x: tensor<64xi8>) -> tensor<64xi8> {
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.negate %x, %iz, %iz : (tensor<64xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<64xi8>
  return %y : tensor<64xi8>
}

func.func @negate_f32(%x: tensor<64xf32>) -> tensor<64xf32> {
  %iz = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.negate %x, %iz, %iz : (tensor<64xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<64xf32>
  return %y : tensor<64xf32>
}

func.func @avg_pool2d(%x: tensor<1x6x6x5xi8>) -> tensor<1x3x3x5xi8> {
  %iz = "tosa.const"() {values = dense<4> : tensor<1xi8>} : () -> tensor<1xi8>
  %oz = "tosa.const"() {values = dense<-3> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.avg_pool2d %x, %iz, %oz {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>,
      acc_type = i32}
      : (tensor<1x6x6x5xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x3x3x5xi8>
  return %y : tensor<1x3x3x5xi8>
}

func.func @avg_pool2d_pads(%x: tensor<2x7x7x9xi8>) -> tensor<2x7x7x9xi8> {
  %iz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
  %oz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.avg_pool2d %x, %iz, %oz {kernel = array<i64: 3, 3>, stride = array<i64: 1, 1>, pad = array<i64: 1, 1, 1, 1>,
      acc_type = i32}
      : (tensor<2x7x7x9xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<2x7x7x9xi8>
  return %y : tensor<2x7x7x9xi8>
}

func.func @avg_pool2d_large(%x: tensor<1x12x11x3xi8>) -> tensor<1x1x1x3xi8> {
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %oz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.avg_pool2d %x, %iz, %oz {kernel = array<i64: 12, 11>, stride = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>,
      acc_type = i32}
      : (tensor<1x12x11x3xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x1x1x3xi8>
  return %y : tensor<1x1x1x3xi8>
}

func.func @avg_pool2d_i16(%x: tensor<1x5x5x4xi16>) -> tensor<1x3x3x4xi16> {
  %iz = "tosa.const"() {values = dense<0> : tensor<1xi16>} : () -> tensor<1xi16>
  %oz = "tosa.const"() {values = dense<0> : tensor<1xi16>} : () -> tensor<1xi16>
  %y = tosa.avg_pool2d %x, %iz, %oz {kernel = array<i64: 3, 3>, stride = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>,
      acc_type = i32}
      : (tensor<1x5x5x4xi16>, tensor<1xi16>, tensor<1xi16>) -> tensor<1x3x3x4xi16>
  return %y : tensor<1x3x3x4xi16>
}

func.func @avg_pool2d_f32(%x: tensor<1x6x6x4xf32>) -> tensor<1x6x6x4xf32> {
  %iz = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %oz = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.avg_pool2d %x, %iz, %oz {kernel = array<i64: 3, 3>, stride = array<i64: 1, 1>, pad = array<i64: 1, 1, 1, 1>,
      acc_type = f32}
      : (tensor<1x6x6x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x6x6x4xf32>
  return %y : tensor<1x6x6x4xf32>
}

func.func @max_pool2d(%x: tensor<1x6x8x5xi8>) -> tensor<1x3x4x5xi8> {
  %y = tosa.max_pool2d %x {kernel = array<i64: 3, 2>, stride = array<i64: 2, 2>, pad = array<i64: 1, 0, 0, 0>}
      : (tensor<1x6x8x5xi8>) -> tensor<1x3x4x5xi8>
  return %y : tensor<1x3x4x5xi8>
}

func.func @max_pool2d_i16(%x: tensor<1x6x6x5xi16>) -> tensor<1x3x3x5xi16> {
  %y = tosa.max_pool2d %x {kernel = array<i64: 2, 2>, stride = array<i64: 2, 2>, pad = array<i64: 0, 0, 0, 0>}
      : (tensor<1x6x6x5xi16>) -> tensor<1x3x3x5xi16>
  return %y : tensor<1x3x3x5xi16>
}

func.func @max_pool2d_f32(%x: tensor<1x5x5x5xf32>) -> tensor<1x5x5x5xf32> {
  %y = tosa.max_pool2d %x {kernel = array<i64: 3, 3>, stride = array<i64: 1, 1>, pad = array<i64: 1, 1, 1, 1>}
      : (tensor<1x5x5x5xf32>) -> tensor<1x5x5x5xf32>
  return %y : tensor<1x5x5x5xf32>
}

func.func @pad(%x: tensor<2x3x4xi8>) -> tensor<3x5x9xi8> {
  %p = tosa.const_shape {values = dense<[1, 0, 0, 2, 2, 3]> : tensor<6xindex>} : () -> !tosa.shape<6>
  %v = "tosa.const"() {values = dense<-9> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.pad %x, %p, %v : (tensor<2x3x4xi8>, !tosa.shape<6>, tensor<1xi8>) -> tensor<3x5x9xi8>
  return %y : tensor<3x5x9xi8>
}

func.func @pad_f32(%x: tensor<2x3xf32>) -> tensor<4x4xf32> {
  %p = tosa.const_shape {values = dense<[1, 1, 0, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %v = "tosa.const"() {values = dense<1.5> : tensor<1xf32>} : () -> tensor<1xf32>
  %y = tosa.pad %x, %p, %v : (tensor<2x3xf32>, !tosa.shape<4>, tensor<1xf32>) -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
}

func.func @concat(%a: tensor<2x3xi8>, %b: tensor<2x1xi8>, %c: tensor<2x5xi8>)
    -> tensor<2x9xi8> {
  %y = tosa.concat %a, %b, %c {axis = 1 : i32} : (tensor<2x3xi8>, tensor<2x1xi8>, tensor<2x5xi8>) -> tensor<2x9xi8>
  return %y : tensor<2x9xi8>
}

func.func @concat_20(%a: tensor<3xi32>) -> tensor<60xi32> {
  %y = tosa.concat %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a, %a {axis = 0 : i32}
      : (tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>) -> tensor<60xi32>
  return %y : tensor<60xi32>
}

func.func @reshape_transpose(%x: tensor<2x12xi16>) -> tensor<4x2x3xi16> {
  %p = tosa.const_shape {values = dense<[2, 3, 4]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %r = tosa.reshape %x, %p : (tensor<2x12xi16>, !tosa.shape<3>) -> tensor<2x3x4xi16>
  %y = tosa.transpose %r {perms = array<i32: 2, 0, 1>} : (tensor<2x3x4xi16>) -> tensor<4x2x3xi16>
  return %y : tensor<4x2x3xi16>
}

func.func @reverse_slice(%x: tensor<4x9xi8>) -> tensor<2x5xi8> {
  %r = tosa.reverse %x {axis = 1 : i32} : (tensor<4x9xi8>) -> tensor<4x9xi8>
  %p = tosa.const_shape {values = dense<[1, 3]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %q = tosa.const_shape {values = dense<[2, 5]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.slice %r, %p, %q : (tensor<4x9xi8>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<2x5xi8>
  return %y : tensor<2x5xi8>
}

func.func @tile(%x: tensor<2x3xi8>) -> tensor<4x9xi8> {
  %p = tosa.const_shape {values = dense<[2, 3]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.tile %x, %p : (tensor<2x3xi8>, !tosa.shape<2>) -> tensor<4x9xi8>
  return %y : tensor<4x9xi8>
}

// in: - 0..5
func.func @gather(%x: tensor<2x6x3xi8>, %i: tensor<2x4xi32>)
    -> tensor<2x4x3xi8> {
  %y = tosa.gather %x, %i : (tensor<2x6x3xi8>, tensor<2x4xi32>) -> tensor<2x4x3xi8>
  return %y : tensor<2x4x3xi8>
}

func.func @resize_nearest(%x: tensor<1x3x4x2xi8>) -> tensor<1x6x8x2xi8> {
  %s = tosa.const_shape {values = dense<[4, 2, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %o = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %b = tosa.const_shape {values = dense<[2, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.resize %x, %s, %o, %b {mode = NEAREST_NEIGHBOR}
      : (tensor<1x3x4x2xi8>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x6x8x2xi8>
  return %y : tensor<1x6x8x2xi8>
}

func.func @resize_nearest_down(%x: tensor<2x9x7x3xi8>) -> tensor<2x5x4x3xi8> {
  %s = tosa.const_shape {values = dense<[1, 2, 2, 4]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %o = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %b = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.resize %x, %s, %o, %b {mode = NEAREST_NEIGHBOR}
      : (tensor<2x9x7x3xi8>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<2x5x4x3xi8>
  return %y : tensor<2x5x4x3xi8>
}

func.func @resize_bilinear(%x: tensor<1x3x4x2xi8>) -> tensor<1x6x8x2xi32> {
  %s = tosa.const_shape {values = dense<[4, 2, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %o = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %b = tosa.const_shape {values = dense<[2, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.resize %x, %s, %o, %b {mode = BILINEAR}
      : (tensor<1x3x4x2xi8>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x6x8x2xi32>
  return %y : tensor<1x6x8x2xi32>
}

func.func @resize_bilinear_border(%x: tensor<1x5x3x2xi8>)
    -> tensor<1x9x5x2xi32> {
  %s = tosa.const_shape {values = dense<[16, 8, 2, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %o = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %b = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.resize %x, %s, %o, %b {mode = BILINEAR}
      : (tensor<1x5x3x2xi8>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x9x5x2xi32>
  return %y : tensor<1x9x5x2xi32>
}

func.func @resize_bilinear_f32(%x: tensor<1x3x4x2xf32>) -> tensor<1x6x8x2xf32> {
  %s = tosa.const_shape {values = dense<[4, 2, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %o = tosa.const_shape {values = dense<[-1, -1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %b = tosa.const_shape {values = dense<[1, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.resize %x, %s, %o, %b {mode = BILINEAR}
      : (tensor<1x3x4x2xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x6x8x2xf32>
  return %y : tensor<1x6x8x2xf32>
}

func.func @resize_nearest_f32(%x: tensor<1x3x4x2xf32>) -> tensor<1x5x7x2xf32> {
  %s = tosa.const_shape {values = dense<[4, 2, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %o = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %b = tosa.const_shape {values = dense<[0, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %y = tosa.resize %x, %s, %o, %b {mode = NEAREST_NEIGHBOR}
      : (tensor<1x3x4x2xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<1x5x7x2xf32>
  return %y : tensor<1x5x7x2xf32>
}

func.func @add_i32(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi32> {
  %y = tosa.add %a, %b
      : (tensor<3x40xi32>, tensor<3x40xi32>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @sub_broadcast(%a: tensor<3x40xi32>, %b: tensor<1x40xi32>)
    -> tensor<3x40xi32> {
  %y = tosa.sub %a, %b
      : (tensor<3x40xi32>, tensor<1x40xi32>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @add_f32(%a: tensor<3x40xf32>, %b: tensor<3x40xf32>)
    -> tensor<3x40xf32> {
  %y = tosa.add %a, %b
      : (tensor<3x40xf32>, tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

func.func @maximum_i32(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi32> {
  %y = tosa.maximum %a, %b
      : (tensor<3x40xi32>, tensor<3x40xi32>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @minimum_f32(%a: tensor<3x40xf32>, %b: tensor<3x40xf32>)
    -> tensor<3x40xf32> {
  %y = tosa.minimum %a, %b
      : (tensor<3x40xf32>, tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

func.func @maximum_f32(%a: tensor<3x40xf32>, %b: tensor<3x40xf32>)
    -> tensor<3x40xf32> {
  %y = tosa.maximum %a, %b
      : (tensor<3x40xf32>, tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

func.func @minimum_i32(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi32> {
  %y = tosa.minimum %a, %b
      : (tensor<3x40xi32>, tensor<3x40xi32>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @sub_f32(%a: tensor<3x40xf32>, %b: tensor<3x1xf32>)
    -> tensor<3x40xf32> {
  %y = tosa.sub %a, %b
      : (tensor<3x40xf32>, tensor<3x1xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

// in: - 1..50
func.func @intdiv(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi32> {
  %y = tosa.intdiv %a, %b
      : (tensor<3x40xi32>, tensor<3x40xi32>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

// in: - -50..-1
func.func @intdiv_negative(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi32> {
  %y = tosa.intdiv %a, %b
      : (tensor<3x40xi32>, tensor<3x40xi32>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

// in: 0.1..4 -3..3
func.func @pow(%a: tensor<3x40xf32>, %b: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %y = tosa.pow %a, %b
      : (tensor<3x40xf32>, tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

// in: -40000..40000 -40000..40000
func.func @mul_i32(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi32> {
  %h = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.mul %a, %b, %h
      : (tensor<3x40xi32>, tensor<3x40xi32>, tensor<1xi8>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @mul_i8(%a: tensor<3x40xi8>, %b: tensor<3x40xi8>)
    -> tensor<3x40xi32> {
  %h = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.mul %a, %b, %h
      : (tensor<3x40xi8>, tensor<3x40xi8>, tensor<1xi8>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @mul_i16(%a: tensor<3x40xi16>, %b: tensor<3x40xi16>)
    -> tensor<3x40xi32> {
  %h = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.mul %a, %b, %h
      : (tensor<3x40xi16>, tensor<3x40xi16>, tensor<1xi8>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

// in: -2147483648..2147483647 -2147483648..2147483647
func.func @mul_shift(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi32> {
  %h = "tosa.const"() {values = dense<31> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.mul %a, %b, %h
      : (tensor<3x40xi32>, tensor<3x40xi32>, tensor<1xi8>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @mul_f32(%a: tensor<3x40xf32>, %b: tensor<3x40xf32>)
    -> tensor<3x40xf32> {
  %h = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %y = tosa.mul %a, %b, %h
      : (tensor<3x40xf32>, tensor<3x40xf32>, tensor<1xi8>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

func.func @bitwise_and_i8(%a: tensor<3x40xi8>, %b: tensor<3x40xi8>)
    -> tensor<3x40xi8> {
  %y = tosa.bitwise_and %a, %b
      : (tensor<3x40xi8>, tensor<3x40xi8>) -> tensor<3x40xi8>
  return %y : tensor<3x40xi8>
}

func.func @bitwise_and_i16(%a: tensor<3x40xi16>, %b: tensor<3x40xi16>)
    -> tensor<3x40xi16> {
  %y = tosa.bitwise_and %a, %b
      : (tensor<3x40xi16>, tensor<3x40xi16>) -> tensor<3x40xi16>
  return %y : tensor<3x40xi16>
}

func.func @bitwise_and_i32(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi32> {
  %y = tosa.bitwise_and %a, %b
      : (tensor<3x40xi32>, tensor<3x40xi32>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @bitwise_or(%a: tensor<3x40xi8>, %b: tensor<3x40xi8>)
    -> tensor<3x40xi8> {
  %y = tosa.bitwise_or %a, %b
      : (tensor<3x40xi8>, tensor<3x40xi8>) -> tensor<3x40xi8>
  return %y : tensor<3x40xi8>
}

func.func @bitwise_xor(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi32> {
  %y = tosa.bitwise_xor %a, %b
      : (tensor<3x40xi32>, tensor<3x40xi32>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

// in: - 0..31
func.func @shift_left(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi32> {
  %y = tosa.logical_left_shift %a, %b
      : (tensor<3x40xi32>, tensor<3x40xi32>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

// in: - 0..31
func.func @shift_right_i32(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi32> {
  %y = tosa.logical_right_shift %a, %b
      : (tensor<3x40xi32>, tensor<3x40xi32>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

// in: - 0..7
func.func @shift_right_i8(%a: tensor<3x40xi8>, %b: tensor<3x40xi8>)
    -> tensor<3x40xi8> {
  %y = tosa.logical_right_shift %a, %b
      : (tensor<3x40xi8>, tensor<3x40xi8>) -> tensor<3x40xi8>
  return %y : tensor<3x40xi8>
}

// in: - 0..15
func.func @shift_right_i16(%a: tensor<3x40xi16>, %b: tensor<3x40xi16>)
    -> tensor<3x40xi16> {
  %y = tosa.logical_right_shift %a, %b
      : (tensor<3x40xi16>, tensor<3x40xi16>) -> tensor<3x40xi16>
  return %y : tensor<3x40xi16>
}

// in: - 0..15
func.func @arithmetic_shift(%a: tensor<3x40xi16>, %b: tensor<3x40xi16>)
    -> tensor<3x40xi16> {
  %y = tosa.arithmetic_right_shift %a, %b {round = false}
      : (tensor<3x40xi16>, tensor<3x40xi16>) -> tensor<3x40xi16>
  return %y : tensor<3x40xi16>
}

// in: - 0..31
func.func @arithmetic_shift_round(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi32> {
  %y = tosa.arithmetic_right_shift %a, %b {round = true}
      : (tensor<3x40xi32>, tensor<3x40xi32>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @logical_and(%a: tensor<3x40xi1>, %b: tensor<3x40xi1>)
    -> tensor<3x40xi1> {
  %y = tosa.logical_and %a, %b
      : (tensor<3x40xi1>, tensor<3x40xi1>) -> tensor<3x40xi1>
  return %y : tensor<3x40xi1>
}

func.func @logical_or(%a: tensor<3x40xi1>, %b: tensor<3x40xi1>)
    -> tensor<3x40xi1> {
  %y = tosa.logical_or %a, %b
      : (tensor<3x40xi1>, tensor<3x40xi1>) -> tensor<3x40xi1>
  return %y : tensor<3x40xi1>
}

func.func @logical_xor(%a: tensor<3x40xi1>, %b: tensor<3x40xi1>)
    -> tensor<3x40xi1> {
  %y = tosa.logical_xor %a, %b
      : (tensor<3x40xi1>, tensor<3x40xi1>) -> tensor<3x40xi1>
  return %y : tensor<3x40xi1>
}

// in: 0..3 0..3
func.func @equal(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi1> {
  %y = tosa.equal %a, %b
      : (tensor<3x40xi32>, tensor<3x40xi32>) -> tensor<3x40xi1>
  return %y : tensor<3x40xi1>
}

func.func @greater(%a: tensor<3x40xf32>, %b: tensor<3x40xf32>)
    -> tensor<3x40xi1> {
  %y = tosa.greater %a, %b
      : (tensor<3x40xf32>, tensor<3x40xf32>) -> tensor<3x40xi1>
  return %y : tensor<3x40xi1>
}

// in: 0..3 0..3
func.func @greater_equal(%a: tensor<3x40xi32>, %b: tensor<3x40xi32>)
    -> tensor<3x40xi1> {
  %y = tosa.greater_equal %a, %b
      : (tensor<3x40xi32>, tensor<3x40xi32>) -> tensor<3x40xi1>
  return %y : tensor<3x40xi1>
}

func.func @abs_i32(%x: tensor<3x40xi32>) -> tensor<3x40xi32> {
  %y = tosa.abs %x : (tensor<3x40xi32>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @logical_not(%x: tensor<3x40xi1>) -> tensor<3x40xi1> {
  %y = tosa.logical_not %x : (tensor<3x40xi1>) -> tensor<3x40xi1>
  return %y : tensor<3x40xi1>
}

func.func @bitwise_not(%x: tensor<3x40xi16>) -> tensor<3x40xi16> {
  %y = tosa.bitwise_not %x : (tensor<3x40xi16>) -> tensor<3x40xi16>
  return %y : tensor<3x40xi16>
}

func.func @abs_f32(%x: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %y = tosa.abs %x : (tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

func.func @exp_f32(%x: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %y = tosa.exp %x : (tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

// in: 0.01..50
func.func @log_f32(%x: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %y = tosa.log %x : (tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

// in: 0.01..50
func.func @rsqrt_f32(%x: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %y = tosa.rsqrt %x : (tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

// in: 0.1..5
func.func @reciprocal_f32(%x: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %y = tosa.reciprocal %x : (tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

func.func @ceil_f32(%x: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %y = tosa.ceil %x : (tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

func.func @floor_f32(%x: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %y = tosa.floor %x : (tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

func.func @erf_f32(%x: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %y = tosa.erf %x : (tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

func.func @tanh_f32(%x: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %y = tosa.tanh %x : (tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

// in: -10..10
func.func @sigmoid_f32(%x: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %y = tosa.sigmoid %x : (tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

// in: -20..20
func.func @sin_f32(%x: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %y = tosa.sin %x : (tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

// in: -20..20
func.func @cos_f32(%x: tensor<3x40xf32>) -> tensor<3x40xf32> {
  %y = tosa.cos %x : (tensor<3x40xf32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

// in: -200..200
func.func @cast_f32_i8(%x: tensor<3x40xf32>) -> tensor<3x40xi8> {
  %y = tosa.cast %x : (tensor<3x40xf32>) -> tensor<3x40xi8>
  return %y : tensor<3x40xi8>
}

// in: -200..200
func.func @cast_f32_i16(%x: tensor<3x40xf32>) -> tensor<3x40xi16> {
  %y = tosa.cast %x : (tensor<3x40xf32>) -> tensor<3x40xi16>
  return %y : tensor<3x40xi16>
}

// in: -200..200
func.func @cast_f32_i32(%x: tensor<3x40xf32>) -> tensor<3x40xi32> {
  %y = tosa.cast %x : (tensor<3x40xf32>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @cast_i8_f32(%x: tensor<3x40xi8>) -> tensor<3x40xf32> {
  %y = tosa.cast %x : (tensor<3x40xi8>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

func.func @cast_i32_f32(%x: tensor<3x40xi32>) -> tensor<3x40xf32> {
  %y = tosa.cast %x : (tensor<3x40xi32>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

func.func @cast_i32_i8(%x: tensor<3x40xi32>) -> tensor<3x40xi8> {
  %y = tosa.cast %x : (tensor<3x40xi32>) -> tensor<3x40xi8>
  return %y : tensor<3x40xi8>
}

func.func @cast_i8_i32(%x: tensor<3x40xi8>) -> tensor<3x40xi32> {
  %y = tosa.cast %x : (tensor<3x40xi8>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @cast_i16_i32(%x: tensor<3x40xi16>) -> tensor<3x40xi32> {
  %y = tosa.cast %x : (tensor<3x40xi16>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @cast_i1_i32(%x: tensor<3x40xi1>) -> tensor<3x40xi32> {
  %y = tosa.cast %x : (tensor<3x40xi1>) -> tensor<3x40xi32>
  return %y : tensor<3x40xi32>
}

func.func @cast_i1_f32(%x: tensor<3x40xi1>) -> tensor<3x40xf32> {
  %y = tosa.cast %x : (tensor<3x40xi1>) -> tensor<3x40xf32>
  return %y : tensor<3x40xf32>
}

// in: -2..2
func.func @cast_i32_i1(%x: tensor<3x40xi32>) -> tensor<3x40xi1> {
  %y = tosa.cast %x : (tensor<3x40xi32>) -> tensor<3x40xi1>
  return %y : tensor<3x40xi1>
}

func.func @cast_f32_i1(%x: tensor<3x40xf32>) -> tensor<3x40xi1> {
  %y = tosa.cast %x : (tensor<3x40xf32>) -> tensor<3x40xi1>
  return %y : tensor<3x40xi1>
}

func.func @cast_i8_i16(%x: tensor<3x40xi8>) -> tensor<3x40xi16> {
  %y = tosa.cast %x : (tensor<3x40xi8>) -> tensor<3x40xi16>
  return %y : tensor<3x40xi16>
}

func.func @select(%c: tensor<3x20xi1>, %a: tensor<3x20xi8>, %b: tensor<1x20xi8>)
    -> tensor<3x20xi8> {
  %y = tosa.select %c, %a, %b
      : (tensor<3x20xi1>, tensor<3x20xi8>, tensor<1x20xi8>) -> tensor<3x20xi8>
  return %y : tensor<3x20xi8>
}

func.func @reduce_sum_i32(%x: tensor<4x7x5xi32>) -> tensor<4x1x5xi32> {
  %y = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<4x7x5xi32>) -> tensor<4x1x5xi32>
  return %y : tensor<4x1x5xi32>
}

func.func @reduce_sum_f32(%x: tensor<4x7x5xf32>) -> tensor<4x1x5xf32> {
  %y = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<4x7x5xf32>) -> tensor<4x1x5xf32>
  return %y : tensor<4x1x5xf32>
}

func.func @reduce_max_i8(%x: tensor<4x7x5xi8>) -> tensor<4x1x5xi8> {
  %y = tosa.reduce_max %x {axis = 1 : i32} : (tensor<4x7x5xi8>) -> tensor<4x1x5xi8>
  return %y : tensor<4x1x5xi8>
}

func.func @reduce_max_f32(%x: tensor<4x7x5xf32>) -> tensor<4x1x5xf32> {
  %y = tosa.reduce_max %x {axis = 1 : i32} : (tensor<4x7x5xf32>) -> tensor<4x1x5xf32>
  return %y : tensor<4x1x5xf32>
}

func.func @reduce_min_i32(%x: tensor<4x7x5xi32>) -> tensor<4x1x5xi32> {
  %y = tosa.reduce_min %x {axis = 1 : i32} : (tensor<4x7x5xi32>) -> tensor<4x1x5xi32>
  return %y : tensor<4x1x5xi32>
}

func.func @reduce_min_f32(%x: tensor<4x7x5xf32>) -> tensor<4x1x5xf32> {
  %y = tosa.reduce_min %x {axis = 1 : i32} : (tensor<4x7x5xf32>) -> tensor<4x1x5xf32>
  return %y : tensor<4x1x5xf32>
}

// in: 0.5..1.5
func.func @reduce_product_f32(%x: tensor<4x7x5xf32>) -> tensor<4x1x5xf32> {
  %y = tosa.reduce_product %x {axis = 1 : i32} : (tensor<4x7x5xf32>) -> tensor<4x1x5xf32>
  return %y : tensor<4x1x5xf32>
}

func.func @reduce_all_i1(%x: tensor<4x7x5xi1>) -> tensor<4x1x5xi1> {
  %y = tosa.reduce_all %x {axis = 1 : i32} : (tensor<4x7x5xi1>) -> tensor<4x1x5xi1>
  return %y : tensor<4x1x5xi1>
}

func.func @reduce_any_i1(%x: tensor<4x7x5xi1>) -> tensor<4x1x5xi1> {
  %y = tosa.reduce_any %x {axis = 1 : i32} : (tensor<4x7x5xi1>) -> tensor<4x1x5xi1>
  return %y : tensor<4x1x5xi1>
}

// in: -4..4
func.func @argmax_i8(%x: tensor<4x9x5xi8>) -> tensor<4x5xi32> {
  %y = tosa.argmax %x {axis = 1 : i32} : (tensor<4x9x5xi8>) -> tensor<4x5xi32>
  return %y : tensor<4x5xi32>
}

func.func @argmax_f32(%x: tensor<4x9x5xf32>) -> tensor<4x5xi32> {
  %y = tosa.argmax %x {axis = 1 : i32} : (tensor<4x9x5xf32>) -> tensor<4x5xi32>
  return %y : tensor<4x5xi32>
}

func.func @constant_i1(%a: tensor<2x4xi8>, %b: tensor<2x4xi8>)
    -> tensor<2x4xi8> {
  %c = "tosa.const"() {values = dense<[[true, false, true, true], [false, false, true, false]]> : tensor<2x4xi1>} : () -> tensor<2x4xi1>
  %y = tosa.select %c, %a, %b
      : (tensor<2x4xi1>, tensor<2x4xi8>, tensor<2x4xi8>) -> tensor<2x4xi8>
  %z = tosa.identity %y : (tensor<2x4xi8>) -> tensor<2x4xi8>
  return %z : tensor<2x4xi8>
}

func.func @network(%x: tensor<1x9x9x3xi8>) -> tensor<1x10xi8> {
  %aw = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<8x3x3x3xi8>} : () -> tensor<8x3x3x3xi8>
%ab = "tosa.const"() {values = dense<RAND(-3000,3000)> : tensor<8xi32>} : () -> tensor<8xi32>
%axz = "tosa.const"() {values = dense<-3> : tensor<1xi8>} : () -> tensor<1xi8>
%awz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
%as = tosa.conv2d %x, %aw, %ab, %axz, %awz {acc_type = i32, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 2, 2>, dilation = array<i64: 1, 1>}
      : (tensor<1x9x9x3xi8>, tensor<8x3x3x3xi8>, tensor<8xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x5x5x8xi32>
%am = "tosa.const"() {values = dense<RAND(1073741824,2147483647)> : tensor<8xi32>} : () -> tensor<8xi32>
%ah = "tosa.const"() {values = dense<RAND(38,40)> : tensor<8xi8>} : () -> tensor<8xi8>
%aiz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
%aoz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
%v1 = tosa.rescale %as, %am, %ah, %aiz, %aoz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = true,
      input_unsigned = false, output_unsigned = false}
      : (tensor<1x5x5x8xi32>, tensor<8xi32>, tensor<8xi8>, tensor<1xi32>, tensor<1xi8>)
      -> tensor<1x5x5x8xi8>
  %bw = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<3x3x8x1xi8>} : () -> tensor<3x3x8x1xi8>
%bb = "tosa.const"() {values = dense<RAND(-3000,3000)> : tensor<8xi32>} : () -> tensor<8xi32>
%bxz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
%bwz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
%bs = tosa.depthwise_conv2d %v1, %bw, %bb, %bxz, %bwz {acc_type = i32, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
      : (tensor<1x5x5x8xi8>, tensor<3x3x8x1xi8>, tensor<8xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x5x5x8xi32>
%bm = "tosa.const"() {values = dense<RAND(1073741824,2147483647)> : tensor<8xi32>} : () -> tensor<8xi32>
%bh = "tosa.const"() {values = dense<RAND(38,39)> : tensor<8xi8>} : () -> tensor<8xi8>
%biz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
%boz = "tosa.const"() {values = dense<-5> : tensor<1xi8>} : () -> tensor<1xi8>
%v2 = tosa.rescale %bs, %bm, %bh, %biz, %boz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = true,
      input_unsigned = false, output_unsigned = false}
      : (tensor<1x5x5x8xi32>, tensor<8xi32>, tensor<8xi8>, tensor<1xi32>, tensor<1xi8>)
      -> tensor<1x5x5x8xi8>
  %cw = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<8x1x1x8xi8>} : () -> tensor<8x1x1x8xi8>
%cb = "tosa.const"() {values = dense<RAND(-3000,3000)> : tensor<8xi32>} : () -> tensor<8xi32>
%cxz = "tosa.const"() {values = dense<-5> : tensor<1xi8>} : () -> tensor<1xi8>
%cwz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
%cs = tosa.conv2d %v2, %cw, %cb, %cxz, %cwz {acc_type = i32, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
      : (tensor<1x5x5x8xi8>, tensor<8x1x1x8xi8>, tensor<8xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x5x5x8xi32>
%cm = "tosa.const"() {values = dense<1518500250> : tensor<1xi32>} : () -> tensor<1xi32>
%ch = "tosa.const"() {values = dense<39> : tensor<1xi8>} : () -> tensor<1xi8>
%ciz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
%coz = "tosa.const"() {values = dense<4> : tensor<1xi8>} : () -> tensor<1xi8>
%v3 = tosa.rescale %cs, %cm, %ch, %ciz, %coz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<1x5x5x8xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>)
      -> tensor<1x5x5x8xi8>
  %dm = "tosa.const"() {values = dense<1073741824> : tensor<1xi32>} : () -> tensor<1xi32>
%dh = "tosa.const"() {values = dense<11> : tensor<1xi8>} : () -> tensor<1xi8>
%diz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
%doz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
%p1 = tosa.rescale %v1, %dm, %dh, %diz, %doz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<1x5x5x8xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>, tensor<1xi32>)
      -> tensor<1x5x5x8xi32>
  %em = "tosa.const"() {values = dense<1503238553> : tensor<1xi32>} : () -> tensor<1xi32>
%eh = "tosa.const"() {values = dense<12> : tensor<1xi8>} : () -> tensor<1xi8>
%eiz = "tosa.const"() {values = dense<4> : tensor<1xi8>} : () -> tensor<1xi8>
%eoz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
%p2 = tosa.rescale %v3, %em, %eh, %eiz, %eoz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<1x5x5x8xi8>, tensor<1xi32>, tensor<1xi8>, tensor<1xi8>, tensor<1xi32>)
      -> tensor<1x5x5x8xi32>
  %p3 = tosa.add %p1, %p2 : (tensor<1x5x5x8xi32>, tensor<1x5x5x8xi32>) -> tensor<1x5x5x8xi32>
  %fm = "tosa.const"() {values = dense<1234567890> : tensor<1xi32>} : () -> tensor<1xi32>
%fh = "tosa.const"() {values = dense<49> : tensor<1xi8>} : () -> tensor<1xi8>
%fiz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
%foz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
%v4 = tosa.rescale %p3, %fm, %fh, %fiz, %foz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<1x5x5x8xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>)
      -> tensor<1x5x5x8xi8>
  %v5 = tosa.clamp %v4 {min_val = -128 : i8, max_val = 70 : i8}
      : (tensor<1x5x5x8xi8>) -> tensor<1x5x5x8xi8>
  %giz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
  %goz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
  %v6 = tosa.avg_pool2d %v5, %giz, %goz {kernel = array<i64: 5, 5>, stride = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>,
      acc_type = i32}
      : (tensor<1x5x5x8xi8>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x1x1x8xi8>
  %hw = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<10x1x1x8xi8>} : () -> tensor<10x1x1x8xi8>
%hb = "tosa.const"() {values = dense<RAND(-3000,3000)> : tensor<10xi32>} : () -> tensor<10xi32>
%hxz = "tosa.const"() {values = dense<-128> : tensor<1xi8>} : () -> tensor<1xi8>
%hwz = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
%hs = tosa.conv2d %v6, %hw, %hb, %hxz, %hwz {acc_type = i32, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>, dilation = array<i64: 1, 1>}
      : (tensor<1x1x1x8xi8>, tensor<10x1x1x8xi8>, tensor<10xi32>, tensor<1xi8>, tensor<1xi8>)
      -> tensor<1x1x1x10xi32>
%hm = "tosa.const"() {values = dense<1717986918> : tensor<1xi32>} : () -> tensor<1xi32>
%hh = "tosa.const"() {values = dense<39> : tensor<1xi8>} : () -> tensor<1xi8>
%hiz = "tosa.const"() {values = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
%hoz = "tosa.const"() {values = dense<7> : tensor<1xi8>} : () -> tensor<1xi8>
%v7 = tosa.rescale %hs, %hm, %hh, %hiz, %hoz {
      scale32 = true, rounding_mode = DOUBLE_ROUND, per_channel = false,
      input_unsigned = false, output_unsigned = false}
      : (tensor<1x1x1x10xi32>, tensor<1xi32>, tensor<1xi8>, tensor<1xi32>, tensor<1xi8>)
      -> tensor<1x1x1x10xi8>
  %q = tosa.const_shape {values = dense<[1, 10]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %v8 = tosa.reshape %v7, %q : (tensor<1x1x1x10xi8>, !tosa.shape<2>) -> tensor<1x10xi8>
  %t = "tosa.const"() {values = dense<RAND(-128,127)> : tensor<256xi8>} : () -> tensor<256xi8>
  %v9 = tosa.table %v8, %t : (tensor<1x10xi8>, tensor<256xi8>) -> tensor<1x10xi8>
  return %v9 : tensor<1x10xi8>
}

// linalg, tensor, arith and math, one function a case: see raise_oracle.py.

func.func @matmul_f32(%a: tensor<5x9xf32>, %b: tensor<9x4xf32>)
    -> tensor<5x4xf32> {
  %ic = arith.constant 0.0 : f32
  %ie = tensor.empty() : tensor<5x4xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<5x4xf32>) -> tensor<5x4xf32>
  %y = linalg.matmul
      ins(%a, %b : tensor<5x9xf32>, tensor<9x4xf32>)
      outs(%i : tensor<5x4xf32>) -> tensor<5x4xf32>
  return %y : tensor<5x4xf32>
}

func.func @matmul_init(%a: tensor<5x9xf32>, %i: tensor<5x4xf32>)
    -> tensor<5x4xf32> {
  %b = arith.constant dense<RAND(-1,1)> : tensor<9x4xf32>
  %y = linalg.matmul
      ins(%a, %b : tensor<5x9xf32>, tensor<9x4xf32>)
      outs(%i : tensor<5x4xf32>) -> tensor<5x4xf32>
  return %y : tensor<5x4xf32>
}

func.func @matmul_i8(%a: tensor<5x20xi8>) -> tensor<5x6xi32> {
  %b = arith.constant dense<RAND(-128,127)> : tensor<20x6xi8>
  %i = arith.constant dense<RAND(-5000,5000)> : tensor<5x6xi32>
  %y = linalg.matmul
      ins(%a, %b : tensor<5x20xi8>, tensor<20x6xi8>)
      outs(%i : tensor<5x6xi32>) -> tensor<5x6xi32>
  return %y : tensor<5x6xi32>
}

func.func @matmul_transposed(%a: tensor<9x5xf32>, %b: tensor<4x9xf32>)
    -> tensor<5x4xf32> {
  %ic = arith.constant 0.0 : f32
  %ie = tensor.empty() : tensor<5x4xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<5x4xf32>) -> tensor<5x4xf32>
  %y = linalg.matmul
      indexing_maps = [affine_map<(d0, d1, d2) -> (d2, d0)>,
                       affine_map<(d0, d1, d2) -> (d1, d2)>,
                       affine_map<(d0, d1, d2) -> (d0, d1)>]
      ins(%a, %b : tensor<9x5xf32>, tensor<4x9xf32>)
      outs(%i : tensor<5x4xf32>) -> tensor<5x4xf32>
  return %y : tensor<5x4xf32>
}

func.func @batch_matmul(%a: tensor<2x3x8xf32>, %b: tensor<2x8x5xf32>)
    -> tensor<2x3x5xf32> {
  %ic = arith.constant 0.0 : f32
  %ie = tensor.empty() : tensor<2x3x5xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  %y = linalg.batch_matmul
      ins(%a, %b : tensor<2x3x8xf32>, tensor<2x8x5xf32>)
      outs(%i : tensor<2x3x5xf32>) -> tensor<2x3x5xf32>
  return %y : tensor<2x3x5xf32>
}

func.func @quantized_matmul(%a: tensor<4x17xi8>, %b: tensor<17x5xi8>)
    -> tensor<4x5xi32> {
  %za = arith.constant -7 : i32
  %zb = arith.constant 5 : i32
  %ic = arith.constant 0 : i32
  %ie = tensor.empty() : tensor<4x5xi32>
  %i = linalg.fill ins(%ic : i32) outs(%ie : tensor<4x5xi32>) -> tensor<4x5xi32>
  %y = linalg.quantized_matmul
      ins(%a, %b, %za, %zb : tensor<4x17xi8>, tensor<17x5xi8>, i32, i32)
      outs(%i : tensor<4x5xi32>) -> tensor<4x5xi32>
  return %y : tensor<4x5xi32>
}

func.func @quantized_batch_matmul(%a: tensor<2x4x6xi8>, %b: tensor<2x6x5xi8>)
    -> tensor<2x4x5xi32> {
  %za = arith.constant -7 : i32
  %zb = arith.constant 5 : i32
  %ic = arith.constant 3 : i32
  %ie = tensor.empty() : tensor<2x4x5xi32>
  %i = linalg.fill ins(%ic : i32) outs(%ie : tensor<2x4x5xi32>) -> tensor<2x4x5xi32>
  %y = linalg.quantized_batch_matmul
      ins(%a, %b, %za, %zb : tensor<2x4x6xi8>, tensor<2x6x5xi8>, i32, i32)
      outs(%i : tensor<2x4x5xi32>) -> tensor<2x4x5xi32>
  return %y : tensor<2x4x5xi32>
}

func.func @conv_hwcf(%x: tensor<1x7x8x3xf32>) -> tensor<1x5x6x5xf32> {
  %w = arith.constant dense<RAND(-1,1)> : tensor<3x3x3x5xf32>
  %ic = arith.constant 0.0 : f32
  %ie = tensor.empty() : tensor<1x5x6x5xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<1x5x6x5xf32>) -> tensor<1x5x6x5xf32>
  %y = linalg.conv_2d_nhwc_hwcf {strides = dense<1> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x7x8x3xf32>, tensor<3x3x3x5xf32>)
      outs(%i : tensor<1x5x6x5xf32>) -> tensor<1x5x6x5xf32>
  return %y : tensor<1x5x6x5xf32>
}

func.func @conv_hwcf_i8(%x: tensor<1x7x8x3xi8>) -> tensor<1x3x3x5xi32> {
  %w = arith.constant dense<RAND(-128,127)> : tensor<3x3x3x5xi8>
  %ic = arith.constant 0 : i32
  %ie = tensor.empty() : tensor<1x3x3x5xi32>
  %i = linalg.fill ins(%ic : i32) outs(%ie : tensor<1x3x3x5xi32>) -> tensor<1x3x3x5xi32>
  %y = linalg.conv_2d_nhwc_hwcf {strides = dense<2> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x7x8x3xi8>, tensor<3x3x3x5xi8>)
      outs(%i : tensor<1x3x3x5xi32>) -> tensor<1x3x3x5xi32>
  return %y : tensor<1x3x3x5xi32>
}

func.func @conv_hwcf_q(%x: tensor<1x6x6x4xi8>) -> tensor<1x4x4x5xi32> {
  %w = arith.constant dense<RAND(-128,127)> : tensor<2x2x4x5xi8>
  %za = arith.constant -7 : i32
  %zb = arith.constant 5 : i32
  %ic = arith.constant 0 : i32
  %ie = tensor.empty() : tensor<1x4x4x5xi32>
  %i = linalg.fill ins(%ic : i32) outs(%ie : tensor<1x4x4x5xi32>) -> tensor<1x4x4x5xi32>
  %y = linalg.conv_2d_nhwc_hwcf_q {strides = dense<1> : tensor<2xi64>,
      dilations = dense<2> : tensor<2xi64>}
      ins(%x, %w, %za, %zb : tensor<1x6x6x4xi8>, tensor<2x2x4x5xi8>, i32, i32)
      outs(%i : tensor<1x4x4x5xi32>) -> tensor<1x4x4x5xi32>
  return %y : tensor<1x4x4x5xi32>
}

func.func @conv_fhwc(%x: tensor<2x5x5x3xf32>) -> tensor<2x3x3x4xf32> {
  %w = arith.constant dense<RAND(-1,1)> : tensor<4x3x3x3xf32>
  %ic = arith.constant 0.0 : f32
  %ie = tensor.empty() : tensor<2x3x3x4xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<2x3x3x4xf32>) -> tensor<2x3x3x4xf32>
  %y = linalg.conv_2d_nhwc_fhwc {strides = dense<1> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<2x5x5x3xf32>, tensor<4x3x3x3xf32>)
      outs(%i : tensor<2x3x3x4xf32>) -> tensor<2x3x3x4xf32>
  return %y : tensor<2x3x3x4xf32>
}

func.func @conv_fhwc_q(%x: tensor<1x5x5x3xi8>) -> tensor<1x3x3x4xi32> {
  %w = arith.constant dense<RAND(-128,127)> : tensor<4x3x3x3xi8>
  %za = arith.constant -7 : i32
  %zb = arith.constant 5 : i32
  %ic = arith.constant 0 : i32
  %ie = tensor.empty() : tensor<1x3x3x4xi32>
  %i = linalg.fill ins(%ic : i32) outs(%ie : tensor<1x3x3x4xi32>) -> tensor<1x3x3x4xi32>
  %y = linalg.conv_2d_nhwc_fhwc_q {strides = dense<1> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w, %za, %zb : tensor<1x5x5x3xi8>, tensor<4x3x3x3xi8>, i32, i32)
      outs(%i : tensor<1x3x3x4xi32>) -> tensor<1x3x3x4xi32>
  return %y : tensor<1x3x3x4xi32>
}

func.func @conv_nchw(%x: tensor<1x3x6x7xf32>) -> tensor<1x5x4x5xf32> {
  %w = arith.constant dense<RAND(-1,1)> : tensor<5x3x3x3xf32>
  %ic = arith.constant 0.0 : f32
  %ie = tensor.empty() : tensor<1x5x4x5xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<1x5x4x5xf32>) -> tensor<1x5x4x5xf32>
  %y = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x3x6x7xf32>, tensor<5x3x3x3xf32>)
      outs(%i : tensor<1x5x4x5xf32>) -> tensor<1x5x4x5xf32>
  return %y : tensor<1x5x4x5xf32>
}

func.func @conv_nchw_q(%x: tensor<1x3x6x7xi8>) -> tensor<1x5x4x5xi32> {
  %w = arith.constant dense<RAND(-128,127)> : tensor<5x3x3x3xi8>
  %za = arith.constant -7 : i32
  %zb = arith.constant 5 : i32
  %ic = arith.constant 0 : i32
  %ie = tensor.empty() : tensor<1x5x4x5xi32>
  %i = linalg.fill ins(%ic : i32) outs(%ie : tensor<1x5x4x5xi32>) -> tensor<1x5x4x5xi32>
  %y = linalg.conv_2d_nchw_fchw_q {strides = dense<1> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w, %za, %zb : tensor<1x3x6x7xi8>, tensor<5x3x3x3xi8>, i32, i32)
      outs(%i : tensor<1x5x4x5xi32>) -> tensor<1x5x4x5xi32>
  return %y : tensor<1x5x4x5xi32>
}

func.func @depthwise(%x: tensor<1x7x7x6xf32>) -> tensor<1x5x5x6xf32> {
  %w = arith.constant dense<RAND(-1,1)> : tensor<3x3x6xf32>
  %ic = arith.constant 0.0 : f32
  %ie = tensor.empty() : tensor<1x5x5x6xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<1x5x5x6xf32>) -> tensor<1x5x5x6xf32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc {strides = dense<1> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x7x7x6xf32>, tensor<3x3x6xf32>)
      outs(%i : tensor<1x5x5x6xf32>) -> tensor<1x5x5x6xf32>
  return %y : tensor<1x5x5x6xf32>
}

func.func @depthwise_q(%x: tensor<1x7x7x6xi8>) -> tensor<1x3x3x6xi32> {
  %w = arith.constant dense<RAND(-128,127)> : tensor<3x3x6xi8>
  %za = arith.constant -7 : i32
  %zb = arith.constant 5 : i32
  %ic = arith.constant 0 : i32
  %ie = tensor.empty() : tensor<1x3x3x6xi32>
  %i = linalg.fill ins(%ic : i32) outs(%ie : tensor<1x3x3x6xi32>) -> tensor<1x3x3x6xi32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc_q {strides = dense<2> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w, %za, %zb : tensor<1x7x7x6xi8>, tensor<3x3x6xi8>, i32, i32)
      outs(%i : tensor<1x3x3x6xi32>) -> tensor<1x3x3x6xi32>
  return %y : tensor<1x3x3x6xi32>
}

func.func @depthwise_m(%x: tensor<1x6x6x3xf32>) -> tensor<1x4x4x3x2xf32> {
  %w = arith.constant dense<RAND(-1,1)> : tensor<3x3x3x2xf32>
  %ic = arith.constant 0.0 : f32
  %ie = tensor.empty() : tensor<1x4x4x3x2xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<1x4x4x3x2xf32>) -> tensor<1x4x4x3x2xf32>
  %y = linalg.depthwise_conv_2d_nhwc_hwcm {strides = dense<1> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x6x6x3xf32>, tensor<3x3x3x2xf32>)
      outs(%i : tensor<1x4x4x3x2xf32>) -> tensor<1x4x4x3x2xf32>
  return %y : tensor<1x4x4x3x2xf32>
}

func.func @depthwise_mq(%x: tensor<1x6x6x3xi8>) -> tensor<1x4x4x3x2xi32> {
  %w = arith.constant dense<RAND(-128,127)> : tensor<3x3x3x2xi8>
  %za = arith.constant -7 : i32
  %zb = arith.constant 5 : i32
  %ic = arith.constant 0 : i32
  %ie = tensor.empty() : tensor<1x4x4x3x2xi32>
  %i = linalg.fill ins(%ic : i32) outs(%ie : tensor<1x4x4x3x2xi32>) -> tensor<1x4x4x3x2xi32>
  %y = linalg.depthwise_conv_2d_nhwc_hwcm_q {strides = dense<1> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w, %za, %zb : tensor<1x6x6x3xi8>, tensor<3x3x3x2xi8>, i32, i32)
      outs(%i : tensor<1x4x4x3x2xi32>) -> tensor<1x4x4x3x2xi32>
  return %y : tensor<1x4x4x3x2xi32>
}

func.func @pool_max(%x: tensor<1x6x6x4xf32>) -> tensor<1x3x3x4xf32> {
  %w = tensor.empty() : tensor<2x2xf32>
  %ic = arith.constant 0xFF800000 : f32
  %ie = tensor.empty() : tensor<1x3x3x4xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<1x3x3x4xf32>) -> tensor<1x3x3x4xf32>
  %y = linalg.pooling_nhwc_max {strides = dense<2> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x6x6x4xf32>, tensor<2x2xf32>)
      outs(%i : tensor<1x3x3x4xf32>) -> tensor<1x3x3x4xf32>
  return %y : tensor<1x3x3x4xf32>
}

func.func @pool_max_init(%x: tensor<1x6x6x4xi8>) -> tensor<1x3x3x4xi8> {
  %w = tensor.empty() : tensor<2x2xi8>
  %ic = arith.constant 20 : i8
  %ie = tensor.empty() : tensor<1x3x3x4xi8>
  %i = linalg.fill ins(%ic : i8) outs(%ie : tensor<1x3x3x4xi8>) -> tensor<1x3x3x4xi8>
  %y = linalg.pooling_nhwc_max {strides = dense<2> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x6x6x4xi8>, tensor<2x2xi8>)
      outs(%i : tensor<1x3x3x4xi8>) -> tensor<1x3x3x4xi8>
  return %y : tensor<1x3x3x4xi8>
}

func.func @pool_min(%x: tensor<1x6x6x4xi8>) -> tensor<1x2x2x4xi8> {
  %w = tensor.empty() : tensor<3x3xi8>
  %ic = arith.constant 127 : i8
  %ie = tensor.empty() : tensor<1x2x2x4xi8>
  %i = linalg.fill ins(%ic : i8) outs(%ie : tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8>
  %y = linalg.pooling_nhwc_min {strides = dense<2> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x6x6x4xi8>, tensor<3x3xi8>)
      outs(%i : tensor<1x2x2x4xi8>) -> tensor<1x2x2x4xi8>
  return %y : tensor<1x2x2x4xi8>
}

func.func @pool_min_f32(%x: tensor<1x6x6x4xf32>) -> tensor<1x3x3x4xf32> {
  %w = tensor.empty() : tensor<2x2xf32>
  %ic = arith.constant 3.40282347E+38 : f32
  %ie = tensor.empty() : tensor<1x3x3x4xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<1x3x3x4xf32>) -> tensor<1x3x3x4xf32>
  %y = linalg.pooling_nhwc_min {strides = dense<2> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x6x6x4xf32>, tensor<2x2xf32>)
      outs(%i : tensor<1x3x3x4xf32>) -> tensor<1x3x3x4xf32>
  return %y : tensor<1x3x3x4xf32>
}

func.func @pool_sum(%x: tensor<1x6x6x4xf32>) -> tensor<1x3x2x4xf32> {
  %w = tensor.empty() : tensor<2x3xf32>
  %ic = arith.constant 0.0 : f32
  %ie = tensor.empty() : tensor<1x3x2x4xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<1x3x2x4xf32>) -> tensor<1x3x2x4xf32>
  %y = linalg.pooling_nhwc_sum {strides = dense<2> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x6x6x4xf32>, tensor<2x3xf32>)
      outs(%i : tensor<1x3x2x4xf32>) -> tensor<1x3x2x4xf32>
  return %y : tensor<1x3x2x4xf32>
}

func.func @pool_sum_i8(%x: tensor<1x6x6x4xi8>) -> tensor<1x3x3x4xi32> {
  %w = tensor.empty() : tensor<2x2xi8>
  %ic = arith.constant 0 : i32
  %ie = tensor.empty() : tensor<1x3x3x4xi32>
  %i = linalg.fill ins(%ic : i32) outs(%ie : tensor<1x3x3x4xi32>) -> tensor<1x3x3x4xi32>
  %y = linalg.pooling_nhwc_sum {strides = dense<2> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x6x6x4xi8>, tensor<2x2xi8>)
      outs(%i : tensor<1x3x3x4xi32>) -> tensor<1x3x3x4xi32>
  return %y : tensor<1x3x3x4xi32>
}

func.func @pool_nchw(%x: tensor<1x4x6x6xf32>) -> tensor<1x4x3x3xf32> {
  %w = tensor.empty() : tensor<2x2xf32>
  %ic = arith.constant 0xFF800000 : f32
  %ie = tensor.empty() : tensor<1x4x3x3xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<1x4x3x3xf32>) -> tensor<1x4x3x3xf32>
  %y = linalg.pooling_nchw_max {strides = dense<2> : tensor<2xi64>,
      dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x4x6x6xf32>, tensor<2x2xf32>)
      outs(%i : tensor<1x4x3x3xf32>) -> tensor<1x4x3x3xf32>
  return %y : tensor<1x4x3x3xf32>
}

func.func @named_add(%a: tensor<3x7xf32>, %b: tensor<3x7xf32>)
    -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.add
      ins(%a, %b : tensor<3x7xf32>, tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func @named_sub(%a: tensor<3x7xi32>, %b: tensor<3x7xi32>)
    -> tensor<3x7xi32> {
  %e = tensor.empty() : tensor<3x7xi32>
  %y = linalg.sub
      ins(%a, %b : tensor<3x7xi32>, tensor<3x7xi32>)
      outs(%e : tensor<3x7xi32>) -> tensor<3x7xi32>
  return %y : tensor<3x7xi32>
}

func.func @named_mul(%a: tensor<3x7xi16>, %b: tensor<3x7xi16>)
    -> tensor<3x7xi16> {
  %e = tensor.empty() : tensor<3x7xi16>
  %y = linalg.mul
      ins(%a, %b : tensor<3x7xi16>, tensor<3x7xi16>)
      outs(%e : tensor<3x7xi16>) -> tensor<3x7xi16>
  return %y : tensor<3x7xi16>
}

func.func @named_div(%a: tensor<3x7xf32>, %b: tensor<3x7xf32>)
    -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.div
      ins(%a, %b : tensor<3x7xf32>, tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func @named_max(%a: tensor<3x7xi8>, %b: tensor<3x7xi8>) -> tensor<3x7xi8> {
  %e = tensor.empty() : tensor<3x7xi8>
  %y = linalg.max
      ins(%a, %b : tensor<3x7xi8>, tensor<3x7xi8>)
      outs(%e : tensor<3x7xi8>) -> tensor<3x7xi8>
  return %y : tensor<3x7xi8>
}

func.func @named_min(%a: tensor<3x7xf32>, %b: tensor<3x7xf32>)
    -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.min
      ins(%a, %b : tensor<3x7xf32>, tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

// in: 0.1..3 -2..2
func.func @named_powf(%a: tensor<3x7xf32>, %b: tensor<3x7xf32>)
    -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.powf
      ins(%a, %b : tensor<3x7xf32>, tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func @named_exp(%a: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.exp
      ins(%a : tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func @named_abs(%a: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.abs
      ins(%a : tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func @named_negf(%a: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.negf
      ins(%a : tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

// in: 0.1..4
func.func @named_log(%a: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.log
      ins(%a : tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

// in: 0.1..4
func.func @named_sqrt(%a: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.sqrt
      ins(%a : tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

// in: 0.1..4
func.func @named_rsqrt(%a: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.rsqrt
      ins(%a : tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func @named_square(%a: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.square
      ins(%a : tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

// in: 0.1..4
func.func @named_reciprocal(%a: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.reciprocal
      ins(%a : tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func @named_tanh(%a: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.tanh
      ins(%a : tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func @named_erf(%a: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.erf
      ins(%a : tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func @named_floor(%a: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.floor
      ins(%a : tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func @named_ceil(%a: tensor<3x7xf32>) -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.ceil
      ins(%a : tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func @named_select(%c: tensor<3x7xi1>, %a: tensor<3x7xf32>, %b: tensor<3x7xf32>)
    -> tensor<3x7xf32> {
  %e = tensor.empty() : tensor<3x7xf32>
  %y = linalg.select
      ins(%c, %a, %b : tensor<3x7xi1>, tensor<3x7xf32>, tensor<3x7xf32>)
      outs(%e : tensor<3x7xf32>) -> tensor<3x7xf32>
  return %y : tensor<3x7xf32>
}

func.func @generic_broadcast(%a: tensor<4x6xf32>, %b: tensor<6xf32>, %c: tensor<6x4xf32>)
    -> tensor<4x6xf32> {
  %e = tensor.empty() : tensor<4x6xf32>
  %k = arith.constant 0.5 : f32
  %y = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>,
                       affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%a, %b, %c : tensor<4x6xf32>, tensor<6xf32>, tensor<6x4xf32>)
      outs(%e : tensor<4x6xf32>) {
  ^bb0(%p: f32, %q: f32, %r: f32, %o: f32):
    %0 = arith.addf %p, %q : f32
    %1 = arith.mulf %0, %k : f32
    %2 = math.exp %r : f32
    %3 = arith.divf %1, %2 : f32
    linalg.yield %3 : f32
  } -> tensor<4x6xf32>
  return %y : tensor<4x6xf32>
}

func.func @generic_integers(%a: tensor<5x8xi8>, %b: tensor<5x1xi8>)
    -> tensor<8x5xi8> {
  %e = tensor.empty() : tensor<8x5xi8>
  %lo = arith.constant -100 : i32
  %hi = arith.constant 90 : i32
  %y = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, 0)>,
                       affine_map<(d0, d1) -> (d1, d0)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : tensor<5x8xi8>, tensor<5x1xi8>) outs(%e : tensor<8x5xi8>) {
  ^bb0(%p: i8, %q: i8, %o: i8):
    %0 = arith.extsi %p : i8 to i32
    %1 = arith.extui %q : i8 to i32
    %2 = arith.addi %0, %1 : i32
    %3 = arith.maxsi %2, %lo : i32
    %4 = arith.minsi %3, %hi : i32
    %5 = arith.cmpi ult, %4, %1 : i32
    %6 = arith.subi %4, %0 : i32
    %7 = arith.select %5, %4, %6 : i32
    %8 = arith.trunci %7 : i32 to i8
    linalg.yield %8 : i8
  } -> tensor<8x5xi8>
  return %y : tensor<8x5xi8>
}

func.func @generic_sum_of_squares(%a: tensor<4x6x5xf32>) -> tensor<6xf32> {
  %ic = arith.constant 1.0 : f32
  %ie = tensor.empty() : tensor<6xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<6xf32>) -> tensor<6xf32>
  %y = linalg.generic {
      indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d1)>],
      iterator_types = ["reduction", "parallel", "reduction"]}
      ins(%a : tensor<4x6x5xf32>) outs(%i : tensor<6xf32>) {
  ^bb0(%p: f32, %o: f32):
    %0 = arith.mulf %p, %p : f32
    %1 = arith.addf %o, %0 : f32
    linalg.yield %1 : f32
  } -> tensor<6xf32>
  return %y : tensor<6xf32>
}

func.func @generic_accumulates(%a: tensor<4x6xi32>, %i: tensor<4x6xi32>)
    -> tensor<4x6xi32> {
  %y = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<4x6xi32>) outs(%i : tensor<4x6xi32>) {
  ^bb0(%p: i32, %o: i32):
    %0 = arith.subi %o, %p : i32
    linalg.yield %0 : i32
  } -> tensor<4x6xi32>
  return %y : tensor<4x6xi32>
}

func.func @map(%a: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %e = tensor.empty() : tensor<3x5xf32>
  %z = arith.constant 0.0 : f32
  %y = linalg.map ins(%a : tensor<3x5xf32>) outs(%e : tensor<3x5xf32>)
    (%p: f32, %o: f32) {
      %0 = arith.cmpf ugt, %p, %z : f32
      %1 = arith.select %0, %p, %z : f32
      linalg.yield %1 : f32
    }
  return %y : tensor<3x5xf32>
}

func.func @reduce_addf(%a: tensor<4x6x3xf32>) -> tensor<4x3xf32> {
  %ic = arith.constant 0.0 : f32
  %ie = tensor.empty() : tensor<4x3xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<4x3xf32>) -> tensor<4x3xf32>
  %y = linalg.reduce { arith.addf } ins(%a : tensor<4x6x3xf32>)
      outs(%i : tensor<4x3xf32>) dimensions = [1]
  return %y : tensor<4x3xf32>
}

func.func @reduce_addi(%a: tensor<4x6x3xi32>) -> tensor<4x3xi32> {
  %ic = arith.constant 5 : i32
  %ie = tensor.empty() : tensor<4x3xi32>
  %i = linalg.fill ins(%ic : i32) outs(%ie : tensor<4x3xi32>) -> tensor<4x3xi32>
  %y = linalg.reduce { arith.addi } ins(%a : tensor<4x6x3xi32>)
      outs(%i : tensor<4x3xi32>) dimensions = [1]
  return %y : tensor<4x3xi32>
}

func.func @reduce_maxsi(%a: tensor<4x6x3xi8>) -> tensor<4x3xi8> {
  %ic = arith.constant -128 : i8
  %ie = tensor.empty() : tensor<4x3xi8>
  %i = linalg.fill ins(%ic : i8) outs(%ie : tensor<4x3xi8>) -> tensor<4x3xi8>
  %y = linalg.reduce { arith.maxsi } ins(%a : tensor<4x6x3xi8>)
      outs(%i : tensor<4x3xi8>) dimensions = [1]
  return %y : tensor<4x3xi8>
}

func.func @reduce_minimumf(%a: tensor<4x6x3xf32>) -> tensor<4x3xf32> {
  %ic = arith.constant 3.40282347E+38 : f32
  %ie = tensor.empty() : tensor<4x3xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<4x3xf32>) -> tensor<4x3xf32>
  %y = linalg.reduce { arith.minimumf } ins(%a : tensor<4x6x3xf32>)
      outs(%i : tensor<4x3xf32>) dimensions = [1]
  return %y : tensor<4x3xf32>
}

// in: 0.5..1.5
func.func @reduce_mulf(%a: tensor<4x6x3xf32>) -> tensor<4x3xf32> {
  %ic = arith.constant 1.0 : f32
  %ie = tensor.empty() : tensor<4x3xf32>
  %i = linalg.fill ins(%ic : f32) outs(%ie : tensor<4x3xf32>) -> tensor<4x3xf32>
  %y = linalg.reduce { arith.mulf } ins(%a : tensor<4x6x3xf32>)
      outs(%i : tensor<4x3xf32>) dimensions = [1]
  return %y : tensor<4x3xf32>
}

func.func @transpose_broadcast(%a: tensor<4x3xi8>) -> tensor<3x5x4xi8> {
  %e = tensor.empty() : tensor<3x4xi8>
  %t = linalg.transpose ins(%a : tensor<4x3xi8>) outs(%e : tensor<3x4xi8>)
      permutation = [1, 0]
  %f = tensor.empty() : tensor<3x5x4xi8>
  %y = linalg.broadcast ins(%t : tensor<3x4xi8>) outs(%f : tensor<3x5x4xi8>)
      dimensions = [1]
  return %y : tensor<3x5x4xi8>
}

func.func @tensor_ops(%a: tensor<2x12xi8>) -> tensor<2x3x3xi8> {
  %k = arith.constant 7 : i8
  %r = tensor.expand_shape %a [[0], [1, 2]] output_shape [2, 3, 4]
      : tensor<2x12xi8> into tensor<2x3x4xi8>
  %s = tensor.extract_slice %r[0, 0, 1] [2, 3, 2] [1, 1, 2]
      : tensor<2x3x4xi8> to tensor<2x3x2xi8>
  %p = tensor.pad %s low[0, 0, 1] high[0, 0, 0] {
  ^bb0(%i: index, %j: index, %l: index):
    tensor.yield %k : i8
  } : tensor<2x3x2xi8> to tensor<2x3x3xi8>
  return %p : tensor<2x3x3xi8>
}

func.func @tensor_concat(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>)
    -> tensor<14xf32> {
  %c = tensor.concat dim(1) %a, %b : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<2x7xf32>
  %y = tensor.collapse_shape %c [[0, 1]] : tensor<2x7xf32> into tensor<14xf32>
  return %y : tensor<14xf32>
}

func.func @slice_drops(%a: tensor<3x4x5xi32>) -> tensor<4x5xi32> {
  %y = tensor.extract_slice %a[1, 0, 0] [1, 4, 5] [1, 1, 1]
      : tensor<3x4x5xi32> to tensor<4x5xi32>
  return %y : tensor<4x5xi32>
}

func.func @arith_on_tensors(%a: tensor<3x5xf32>, %b: tensor<3x5xf32>)
    -> tensor<3x5xi32> {
  %0 = arith.mulf %a, %b : tensor<3x5xf32>
  %1 = math.floor %0 : tensor<3x5xf32>
  %2 = arith.fptosi %1 : tensor<3x5xf32> to tensor<3x5xi32>
  %k = arith.constant dense<3> : tensor<3x5xi32>
  %3 = arith.remsi %2, %k : tensor<3x5xi32>
  %4 = arith.shrui %2, %k : tensor<3x5xi32>
  %5 = arith.xori %3, %4 : tensor<3x5xi32>
  return %5 : tensor<3x5xi32>
}

func.func @conv_bias_relu(%x: tensor<1x5x5x2xf32>) -> tensor<1x5x5x4xf32> {
  %z = arith.constant 0.0 : f32
  %p = tensor.pad %x low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%i: index, %j: index, %l: index, %m: index):
    tensor.yield %z : f32
  } : tensor<1x5x5x2xf32> to tensor<1x7x7x2xf32>
  %w = arith.constant dense<RAND(-1,1)> : tensor<3x3x2x4xf32>
  %b = arith.constant dense<RAND(-1,1)> : tensor<4xf32>
  %e = tensor.empty() : tensor<1x5x5x4xf32>
  %bb = linalg.broadcast ins(%b : tensor<4xf32>) outs(%e : tensor<1x5x5x4xf32>)
      dimensions = [0, 1, 2]
  %c = linalg.conv_2d_nhwc_hwcf
      ins(%p, %w : tensor<1x7x7x2xf32>, tensor<3x3x2x4xf32>)
      outs(%bb : tensor<1x5x5x4xf32>) -> tensor<1x5x5x4xf32>
  %zz = linalg.fill ins(%z : f32) outs(%e : tensor<1x5x5x4xf32>) -> tensor<1x5x5x4xf32>
  %y = linalg.max
      ins(%c, %zz : tensor<1x5x5x4xf32>, tensor<1x5x5x4xf32>)
      outs(%e : tensor<1x5x5x4xf32>) -> tensor<1x5x5x4xf32>
  return %y : tensor<1x5x5x4xf32>
}

func.func @conv_pad_q(%x: tensor<1x5x5x2xi8>) -> tensor<1x5x5x4xi32> {
  %za = arith.constant -7 : i32
  %zb = arith.constant 5 : i32
  %k = arith.constant -7 : i8
  %p = tensor.pad %x low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%i: index, %j: index, %l: index, %m: index):
    tensor.yield %k : i8
  } : tensor<1x5x5x2xi8> to tensor<1x7x7x2xi8>
  %w = arith.constant dense<RAND(-128,127)> : tensor<3x3x2x4xi8>
  %oc = arith.constant 0 : i32
  %oe = tensor.empty() : tensor<1x5x5x4xi32>
  %o = linalg.fill ins(%oc : i32) outs(%oe : tensor<1x5x5x4xi32>) -> tensor<1x5x5x4xi32>
  %c = linalg.conv_2d_nhwc_hwcf_q
      ins(%p, %w, %za, %zb : tensor<1x7x7x2xi8>, tensor<3x3x2x4xi8>, i32, i32)
      outs(%o : tensor<1x5x5x4xi32>) -> tensor<1x5x5x4xi32>
  return %c : tensor<1x5x5x4xi32>
}

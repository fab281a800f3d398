// What compilers like to turn into calls: divisions, roundings, exponentials,
// and on 32-bit processors products and shifts of 64 bits.
!u8 = !quant.uniform<u8:f32, 0.5:128>
!p8 = !quant.uniform<u8:f32, 0.00390625>
!w8 = !quant.uniform<i8:f32, 0.25>
func.func @main(%x: tensor<1x5x5x3xf32>, %k: f32, %index: tensor<3xi64>) -> (tensor<1x3xf32>, tensor<1x75x!u8>, tensor<1x1x1x3x!u8>, tensor<1x5x5x3x!p8>, tensor<1x5x5x3xi32>, tensor<1x3xi64>, tensor<1x3x!u8>, tensor<1x9xi64>) {
  %a = "qgemm.avg_pool2d"(%x) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 1, 1>, count_include_pad = false} : (tensor<1x5x5x3xf32>) -> tensor<1x5x5x3xf32>
  %g = "qgemm.global_avg_pool2d"(%a) : (tensor<1x5x5x3xf32>) -> tensor<1x1x1x3xf32>
  %s = "qgemm.sigmoid"(%a) : (tensor<1x5x5x3xf32>) -> tensor<1x5x5x3xf32>
  %t = "qgemm.tanh"(%s) : (tensor<1x5x5x3xf32>) -> tensor<1x5x5x3xf32>
  %f = "qgemm.splat"(%k) : (f32) -> tensor<1xf32>
  %m = "qgemm.mul"(%t, %f) : (tensor<1x5x5x3xf32>, tensor<1xf32>) -> tensor<1x5x5x3xf32>
  %r = "qgemm.reduce_mean"(%m) {axes = array<i64: 1, 2>, keepdims = false} : (tensor<1x5x5x3xf32>) -> tensor<1x3xf32>
  %y = "qgemm.softmax"(%r) {axis = 1 : i64} : (tensor<1x3xf32>) -> tensor<1x3xf32>
  %q = "qgemm.quantize"(%m) : (tensor<1x5x5x3xf32>) -> tensor<1x5x5x3x!u8>
  %p = "qgemm.transpose"(%q) {perm = array<i64: 0, 3, 1, 2>} : (tensor<1x5x5x3x!u8>) -> tensor<1x3x5x5x!u8>
  %z = "qgemm.reshape"(%p) : (tensor<1x3x5x5x!u8>) -> tensor<1x75x!u8>
  %h = "qgemm.quantize"(%g) : (tensor<1x1x1x3xf32>) -> tensor<1x1x1x3x!u8>
  %i = "qgemm.global_avg_pool2d"(%q) : (tensor<1x5x5x3x!u8>) -> tensor<1x1x1x3x!u8>
  %j = "qgemm.add"(%h, %i) : (tensor<1x1x1x3x!u8>, tensor<1x1x1x3x!u8>) -> tensor<1x1x1x3x!u8>
  %w = "qgemm.constant"() {value = dense<3> : tensor<3x1x1x1xi8>} : () -> tensor<3x1x1x1x!w8>
  %v = "qgemm.constant"() {value = dense<5> : tensor<3x1x1x3xi8>} : () -> tensor<3x1x1x3x!w8>
  %c = "qgemm.conv2d"(%q, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 3 : i64, multipliers = array<i64: 1200000000, 1300000000, 1400000000>, shifts = array<i64: 29, 36, 36>, rounding = "double"} : (tensor<1x5x5x3x!u8>, tensor<3x1x1x1x!w8>) -> tensor<1x5x5x3x!u8>
  %d = "qgemm.conv2d"(%c, %v) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, multipliers = array<i64: 1200000000>, shifts = array<i64: 36>, rounding = "single"} : (tensor<1x5x5x3x!u8>, tensor<3x1x1x3x!w8>) -> tensor<1x5x5x3x!u8>
  %e = "qgemm.avg_pool2d"(%d) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 1, 1>, count_include_pad = false, arithmetic = "tflite"} : (tensor<1x5x5x3x!u8>) -> tensor<1x5x5x3x!u8>
  %l = "qgemm.avg_pool2d"(%e) {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 1, 1>, count_include_pad = false, arithmetic = "tosa"} : (tensor<1x5x5x3x!u8>) -> tensor<1x5x5x3x!u8>
  %n = "qgemm.softmax"(%l) {axis = 3 : i64, arithmetic = "tflite"} : (tensor<1x5x5x3x!u8>) -> tensor<1x5x5x3x!p8>
  %o = "qgemm.conv2d"(%l, %v) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x5x5x3x!u8>, tensor<3x1x1x3x!w8>) -> tensor<1x5x5x3xi32>
  %i64 = "qgemm.cast"(%a) : (tensor<1x5x5x3xf32>) -> tensor<1x5x5x3xi64>
  %wide = "qgemm.pad"(%i64) {low = array<i64: 0, 1, 0, 0>, high = array<i64: 0, 0, 2, 0>, interior = array<i64: 0, 1, 1, 0>, value = 7.0 : f32} : (tensor<1x5x5x3xi64>) -> tensor<1x10x11x3xi64>
  %cut = "qgemm.slice"(%wide) {starts = array<i64: 0, 9, 1, 0>, sizes = array<i64: 1, 4, 3, 3>, steps = array<i64: 1, -2, 3, 1>} : (tensor<1x10x11x3xi64>) -> tensor<1x4x3x3xi64>
  %product = "qgemm.reduce_prod"(%cut) {axes = array<i64: 1, 2>, keepdims = false} : (tensor<1x4x3x3xi64>) -> tensor<1x3xi64>
  %most = "qgemm.reduce_max"(%q) {axes = array<i64: 1, 2>, keepdims = false} : (tensor<1x5x5x3x!u8>) -> tensor<1x3x!u8>
  %where = "qgemm.arg_min"(%i64) {axis = 3 : i64, keepdims = false, last = true} : (tensor<1x5x5x3xi64>) -> tensor<1x5x5xi64>
  %sum = "qgemm.reduce_sum"(%i64) {axes = array<i64: 1, 2>, keepdims = false} : (tensor<1x5x5x3xi64>) -> tensor<1x3xi64>
  %flat = "qgemm.reshape"(%where) : (tensor<1x5x5xi64>) -> tensor<1x25xi64>
  %taken = "qgemm.gather"(%flat, %index) {axis = 1 : i64} : (tensor<1x25xi64>, tensor<3xi64>) -> tensor<1x3xi64>
  %joined = "qgemm.concat"(%product, %sum, %taken) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<1x3xi64>, tensor<1x3xi64>, tensor<1x3xi64>) -> tensor<1x9xi64>
  return %y, %z, %j, %n, %o, %sum, %most, %joined : tensor<1x3xf32>, tensor<1x75x!u8>, tensor<1x1x1x3x!u8>, tensor<1x5x5x3x!p8>, tensor<1x5x5x3xi32>, tensor<1x3xi64>, tensor<1x3x!u8>, tensor<1x9xi64>
}

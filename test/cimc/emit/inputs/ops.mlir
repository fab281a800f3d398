// What compilers like to turn into calls: divisions, roundings, exponentials.
!u8 = !quant.uniform<u8:f32, 0.5:128>
func.func @main(%x: tensor<1x5x5x3xf32>, %k: f32) -> (tensor<1x3xf32>, tensor<1x75x!u8>, tensor<1x1x1x3x!u8>) {
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
  return %y, %z, %j : tensor<1x3xf32>, tensor<1x75x!u8>, tensor<1x1x1x3x!u8>
}

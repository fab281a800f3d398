// A quantized matmul and a float one, as a user would write them by hand.
!u8 = !quant.uniform<u8:f32, 0.5:128>
!y8 = !quant.uniform<i8:f32, 0.25:-3>
!w8 = !quant.uniform<i8:f32:1, {0.125, 0.25}>
!b32 = !quant.uniform<i32:f32:0, {0.0625, 0.125}>
func.func @main(%x: tensor<1x4x!u8> {qgemm.name = "input:0"}) -> (tensor<1x2x!y8> {qgemm.name = "output"}) {
  %w = "qgemm.constant"() {value = dense<[[1, -2], [3, 4], [5, 6], [-7, 8]]> : tensor<4x2xi8>} : () -> tensor<4x2x!w8>
  %b = "qgemm.constant"() {value = dense<[7, -7]> : tensor<2xi32>} : () -> tensor<2x!b32>
  %y = "qgemm.matmul"(%x, %w, %b) : (tensor<1x4x!u8>, tensor<4x2x!w8>, tensor<2x!b32>) -> tensor<1x2x!y8> loc("fc1")
  %z = "qgemm.relu"(%y) : (tensor<1x2x!y8>) -> tensor<1x2x!y8> loc("relu1")
  return %z : tensor<1x2x!y8>
}

// An op with an attribute that does not exist.
func.func @main(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  // Line 4, column 8:
  %0 = "qgemm.relu"(%x) {axiss = 1 : i64} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// What the verifier says of shapes and constants.
// RUN: not %cimc %s --emit=qgemm -o - 2>&1 | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:128>

func.func @main(%x: tensor<1x4x!u8>) -> tensor<1x4x!u8> {
  return %x : tensor<1x4x!u8>
}

func.func @no_broadcast(%x: tensor<2x3xf32>, %y: tensor<2xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.add: shapes 2x3 and 2 do not broadcast; expected equal dimensions, or 1, counted from the last
  %0 = "qgemm.add"(%x, %y) : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

func.func @softmax_axis(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.softmax: axis is -1; expected 0 to 1 for shape 2x3
  %0 = "qgemm.softmax"(%x) {axis = -1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @axis_twice(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.reduce_mean: element 1 of 'axes' is 1; expected each to be a different one of 0 to 1
  %0 = "qgemm.reduce_mean"(%x) {axes = array<i64: 1, 1>, keepdims = true} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

func.func @no_axes(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.reduce_mean: 'axes' is empty; expected one or more
  %0 = "qgemm.reduce_mean"(%x) {axes = array<i64>, keepdims = true} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @dropped_dimension(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.reduce_mean: the result has shape 2x1; expected 2,
  %0 = "qgemm.reduce_mean"(%x) {axes = array<i64: 1>, keepdims = false} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

func.func @short_perm(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.transpose: 'perm' has 1 elements; expected 2, one for each dimension of 2x3
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 0>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @perm_out_of_range(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.transpose: element 1 of 'perm' is 2; expected each to be a different one of 0 to 1
  %0 = "qgemm.transpose"(%x) {perm = array<i64: 0, 2>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @reshape_count(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.reshape: 2x3 has 6 elements; expected a result shape of as many, but it is 7
  %0 = "qgemm.reshape"(%x) : (tensor<2x3xf32>) -> tensor<7xf32>
  return
}

func.func @negative_low(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.pad: element 0 of 'low' is -1; expected 0 or more
  %0 = "qgemm.pad"(%x) {low = array<i64: -1, 0>, high = array<i64: 0, 0>, value = 0.0 : f32} : (tensor<2x3xf32>) -> tensor<1x3xf32>
  return
}

func.func @value_of_other_shape() {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.constant: 'value' has type tensor<3xf32>; expected tensor<4xf32>
  %0 = "qgemm.constant"() {value = dense<1.0> : tensor<3xf32>} : () -> tensor<4xf32>
  return
}

func.func @unsigned_bits() {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.constant: 'value' has type tensor<4xui8>; expected tensor<4xi8>
  // CHECK: note: the value of a quantized constant is its stored bits, as signless integers
  %0 = "qgemm.constant"() {value = dense<200> : tensor<4xui8>} : () -> tensor<4x!u8>
  return
}

func.func @value_is_no_tensor() {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.constant: attribute 'value' is not dense elements; expected that
  // CHECK: note: write it so: value = dense<[1, 2]> : tensor<2xi8>
  %0 = "qgemm.constant"() {value = 1 : i64} : () -> tensor<1xi64>
  return
}

func.func @value_in_a_resource() {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.constant: attribute 'value' is not dense elements; expected that
  // CHECK: note: dense_resource cannot be checked to be long enough
  %0 = "qgemm.constant"() {value = dense_resource<short> : tensor<3000xi64>} : () -> tensor<3000xi64>
  return
}

func.func @three_gigabytes() {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.constant: 3000000000 elements of 1 bytes; expected at most 1 GiB of data
  %0 = "qgemm.constant"() {value = dense<0> : tensor<3000000000xi8>} : () -> tensor<3000000000xi8>
  return
}

func.func @dynamic_constant() {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.constant: the result has dynamic dimensions; expected none
  %0 = "qgemm.constant"() {value = dense<0> : tensor<3xi8>} : () -> tensor<?xi8>
  return
}

// CHECK-NOT: error:
func.func @dynamic_batch_is_fine(%x: tensor<?x3xf32>, %w: tensor<3x2xf32>) {
  %0 = "qgemm.matmul"(%x, %w) : (tensor<?x3xf32>, tensor<3x2xf32>) -> tensor<?x2xf32>
  return
}

{-#
  dialect_resources: {
    builtin: {
      short: "0x0800000001"
    }
  }
#-}

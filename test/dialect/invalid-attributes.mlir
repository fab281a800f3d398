// What the verifier says of misspelt attributes and of wrong values.
// RUN: not %cimc %s --emit=qgemm -o - 2>&1 | FileCheck %s

func.func @main(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  return %x : tensor<2x3xf32>
}

func.func @misspelt(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.add: unknown attribute 'activaton'; did you mean 'activation'?
  // CHECK: note: attributes of a tool's own begin with 'qgemm.' and are kept
  %0 = "qgemm.add"(%x, %x) {activaton = "relu"} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @singular(%x: tensor<1x4x4x2xf32>, %w: tensor<2x1x1x2xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.conv2d: unknown attribute 'stride'; did you mean 'strides'?
  %0 = "qgemm.conv2d"(%x, %w) {stride = 2, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x4x4x2xf32>, tensor<2x1x1x2xf32>) -> tensor<1x4x4x2xf32>
  return
}

func.func @none_expected(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.relu: unknown attribute 'slope'; expected none
  %0 = "qgemm.relu"(%x) {slope = 0.1 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @others_expected(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.mul: unknown attribute 'rounding_mode'; expected one of activation, clamp_min, clamp_max
  %0 = "qgemm.mul"(%x, %x) {rounding_mode = 1} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @unknown_activation(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.add: activation is "gelu"; expected "none", "relu", "relu6" or "clamp"
  // CHECK: note: other functions are ops of their own
  %0 = "qgemm.add"(%x, %x) {activation = "gelu"} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @activation_is_no_word(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.add: attribute 'activation' is not a string; expected that
  // CHECK: note: write it so: activation = "relu"
  %0 = "qgemm.add"(%x, %x) {activation = 1 : i32} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @clamp_without_bounds(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.add: activation "clamp" without both bounds; expected clamp_min and clamp_max
  // CHECK: note: write activation = "clamp", clamp_min = 0.0 : f32, clamp_max = 6.0 : f32
  %0 = "qgemm.add"(%x, %x) {activation = "clamp", clamp_min = 0.0 : f32} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @bounds_without_clamp(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.add: clamp_min or clamp_max without activation "clamp"; expected neither
  %0 = "qgemm.add"(%x, %x) {activation = "relu", clamp_max = 6.0 : f32} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @bounds_reversed(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.clamp: clamp_min is 6 and clamp_max 0; expected numbers in rising order
  %0 = "qgemm.clamp"(%x) {clamp_min = 6.0 : f32, clamp_max = 0.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @bound_is_no_number(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.clamp: clamp_min is {{-?}}nan and clamp_max 6; expected numbers in rising order
  %0 = "qgemm.clamp"(%x) {clamp_min = 0x7FC00000 : f32, clamp_max = 6.0 : f32} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

func.func @list_in_brackets(%x: tensor<1x4x4x2xf32>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.max_pool2d: attribute 'strides' is not an array<i64: …> of 2 elements; expected that
  // CHECK: note: write it so: strides = array<i64: 1, 1> (h, w)
  %0 = "qgemm.max_pool2d"(%x) {kernel = array<i64: 1, 1>, strides = [1, 1], pads = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  return
}

func.func @two_pads(%x: tensor<1x4x4x2xf32>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.max_pool2d: attribute 'pads' is not an array<i64: …> of 4 elements; expected that
  // CHECK: note: write it so: pads = array<i64: 0, 0, 0, 0> (top, left, bottom, right)
  %0 = "qgemm.max_pool2d"(%x) {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0>} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  return
}

func.func @integer_for_bool(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+2]]:{{[0-9]+}}: error: qgemm.reduce_mean: attribute 'keepdims' is not true or false; expected that
  // CHECK: note: write it so: keepdims = true
  %0 = "qgemm.reduce_mean"(%x) {axes = array<i64: 1>, keepdims = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

func.func @nan_padding(%x: tensor<2x3xf32>) {
  // CHECK: :[[@LINE+1]]:{{[0-9]+}}: error: qgemm.pad: value is NaN; expected a number
  %0 = "qgemm.pad"(%x) {low = array<i64: 0, 0>, high = array<i64: 0, 1>, value = 0x7FC00000 : f32} : (tensor<2x3xf32>) -> tensor<2x4xf32>
  return
}

// CHECK-NOT: error:
func.func @attributes_of_a_tool(%x: tensor<2x3xf32>) {
  %0 = "qgemm.relu"(%x) {tile = {mr = 8 : i64}, qgemm.offset = 64 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

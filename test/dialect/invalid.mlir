// What the IRDL text alone refuses, shown by LLVM's own tool.
// RUN: mlir-opt --irdl-file=%irdl --split-input-file --verify-diagnostics %s

func.func @unknown_op(%x: tensor<4xf32>) {
  // expected-error@+1 {{unregistered operation 'qgemm.rule' found in dialect ('qgemm')}}
  %0 = "qgemm.rule"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @missing_attribute(%x: tensor<1x4x4x2xf32>, %w: tensor<2x1x1x2xf32>) {
  // expected-error@+1 {{attribute "strides" is expected but not provided}}
  %0 = "qgemm.conv2d"(%x, %w) {pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x4x4x2xf32>, tensor<2x1x1x2xf32>) -> tensor<1x4x4x2xf32>
  return
}

// -----

func.func @constant_without_value() {
  // expected-error@+1 {{attribute "value" is expected but not provided}}
  %0 = "qgemm.constant"() : () -> tensor<4xf32>
  return
}

// -----

func.func @too_few_operands(%x: tensor<4x4xf32>) {
  // expected-error@+1 {{expects at least 2 operands, but got 1}}
  %0 = "qgemm.matmul"(%x) : (tensor<4x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @too_many_operands(%x: tensor<4x4xf32>) {
  // expected-error@+1 {{expects at most 3 operands, but got 4}}
  %0 = "qgemm.matmul"(%x, %x, %x, %x) : (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return
}

// -----

func.func @no_residual(%x: tensor<1x4x4x2xf32>, %w: tensor<2x1x1x2xf32>, %b: tensor<2xf32>) {
  // expected-error@+1 {{expects exactly 4 operands, but got 3}}
  %0 = "qgemm.conv2d_add"(%x, %w, %b) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, mid = f32} : (tensor<1x4x4x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>) -> tensor<1x4x4x2xf32>
  return
}

// -----

func.func @no_result(%x: tensor<4xf32>) {
  // expected-error@+1 {{expects exactly 1 results, but got 0}}
  "qgemm.relu"(%x) : (tensor<4xf32>) -> ()
  return
}

// -----

func.func @memref_operand(%x: memref<4xf32>) {
  // expected-error@+1 {{expected base type 'builtin.tensor' but got 'builtin.memref'}}
  %0 = "qgemm.relu"(%x) : (memref<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @unranked_operand(%x: tensor<*xf32>) {
  // expected-error@+1 {{expected base type 'builtin.tensor'}}
  %0 = "qgemm.relu"(%x) : (tensor<*xf32>) -> tensor<4xf32>
  return
}

// -----

// expected-error@+1 {{scale 1.000000e-60 out of expressed type range}}
func.func @scale_below_f32(%x: tensor<4x!quant.uniform<i8:f32, 1.0e-60>>) {
  return
}

// -----

// expected-error@+1 {{scale -5.000000e-01 out of expressed type range}}
func.func @negative_scale(%x: tensor<4x!quant.uniform<i8:f32, -0.5>>) {
  return
}

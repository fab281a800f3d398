// What cannot be raised is reported, each op once, and ops that need its result
// not at all.
// RUN: not %cimc %s --passes=raise --emit=qgemm -o - 2>&1 | FileCheck %s --implicit-check-not=error:

func.func @main(%x: tensor<1x4x4x2xi8>, %w: tensor<3x3x3x2xi8>,
    %f: tensor<4x6xf32>, %h: tensor<4xf16>, %i: tensor<4xi32>,
    %d: tensor<4x?xf32>, %h2: tensor<4xf32>,
    %g: tensor<7x6xf32>) -> tensor<4x6xf32> {
  %z = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %b = "tosa.const"() {values = dense<0> : tensor<3xi32>} : () -> tensor<3xi32>
  // CHECK: error: tosa.conv2d: weights that are computed; expected a constant
  %0 = tosa.conv2d %x, %w, %b, %z, %z {acc_type = i32,
      pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>,
      dilation = array<i64: 1, 1>}
      : (tensor<1x4x4x2xi8>, tensor<3x3x3x2xi8>, tensor<3xi32>, tensor<1xi8>, tensor<1xi8>) -> tensor<1x2x2x3xi32>
  %needs = tosa.abs %0 : (tensor<1x2x2x3xi32>) -> tensor<1x2x2x3xi32>
  // CHECK: error: tosa.abs: a value of type tensor<4xf16>; expected a static tensor of i1, i8, i16, i32, i64 or f32
  %1 = tosa.abs %h : (tensor<4xf16>) -> tensor<4xf16>
  // CHECK: error: tosa.abs: a value of type tensor<4x?xf32>; expected a static tensor
  %2 = tosa.abs %d : (tensor<4x?xf32>) -> tensor<4x?xf32>
  // CHECK: error: tosa.const: a value of type tensor<1xi48>; expected a static tensor
  // CHECK: note: sums of 48 bits are not supported; expected i8 activations, whose sums are i32
  %m = "tosa.const"() {values = dense<0> : tensor<1xi48>} : () -> tensor<1xi48>
  // CHECK: error: tosa.exp: a tensor of integers; expected f32
  %3 = tosa.exp %i : (tensor<4xi32>) -> tensor<4xi32>
  // CHECK: error: tosa.clz: this op is not supported
  // CHECK: note: --list-ops lists those that are
  %4 = tosa.clz %i : (tensor<4xi32>) -> tensor<4xi32>
  // CHECK: error: tosa.maximum: nan_mode IGNORE; expected PROPAGATE
  %5 = tosa.maximum %f, %f {nan_mode = IGNORE} : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
  // CHECK: error: linalg.generic: its body has linalg.index; expected arith and math ops
  %6 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} outs(%i : tensor<4xi32>) {
  ^bb0(%o: i32):
    %n = linalg.index 0 : index
    %k = arith.index_cast %n : index to i32
    linalg.yield %k : i32
  } -> tensor<4xi32>
  // CHECK: error: linalg.generic: an indexing map that is more than loops in some order
  %7 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0 * 2, d1)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]} ins(%g : tensor<7x6xf32>) outs(%f : tensor<4x6xf32>) {
  ^bb0(%p: f32, %o: f32):
    linalg.yield %p : f32
  } -> tensor<4x6xf32>
  // CHECK: error: linalg.reduce: a reduction that is no sum, product, maximum or minimum
  %8 = linalg.reduce ins(%f : tensor<4x6xf32>) outs(%h2 : tensor<4xf32>) dimensions = [1]
  (%p: f32, %o: f32) {
    %q = arith.subf %o, %p : f32
    linalg.yield %q : f32
  }
  // CHECK: error: tensor.extract: this op is not supported
  %c = arith.constant 0 : index
  %9 = tensor.extract %i[%c] : tensor<4xi32>
  return %f : tensor<4x6xf32>
}

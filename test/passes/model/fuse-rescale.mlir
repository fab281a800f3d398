// Sums of a product that are rescaled to bytes are requantized by the product,
// and bounds on these bytes become its activation.
// RUN: %cimc %s --passes=fuse,canonicalize --emit=qgemm -o - | FileCheck %s

!x = !quant.uniform<i8:f32, 0.5:3>
!w = !quant.uniform<i8:f32:0, {0.25, 0.5}>
!v = !quant.uniform<i8:f32, 0.25>
!b = !quant.uniform<i32:f32:0, {0.125, 0.25}>
!one = !quant.uniform<i8:f32, 1.0>
!y = !quant.uniform<i8:f32, 0.75:-5>

// CHECK-LABEL: func.func @main
// The reader's type, as its zero point agrees.
func.func @main(%x: tensor<1x4x4x2x!x>) -> tensor<1x4x4x2x!y> {
  // CHECK: %[[Y:.*]] = "qgemm.conv2d"
  // CHECK-SAME: multipliers = array<i64: 1200000000, 1700000000>
  // CHECK-SAME: rounding = "double", shifts = array<i64: 34, 35>
  // CHECK-SAME: -> tensor<1x4x4x2x!quant.uniform<i8:f32, 7.500000e-01:-5>>
  // CHECK-NEXT: return %[[Y]]
  %w = "qgemm.constant"() {value = dense<[[[[3,-4]]],[[[5,6]]]]> : tensor<2x1x1x2xi8>} : () -> tensor<2x1x1x2x!w>
  %b = "qgemm.constant"() {value = dense<[7, -7]> : tensor<2xi32>} : () -> tensor<2x!b>
  %a = "qgemm.conv2d"(%x, %w, %b) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x4x4x2x!x>, tensor<2x1x1x2x!w>, tensor<2x!b>) -> tensor<1x4x4x2xi32>
  %r = "qgemm.rescale"(%a) {multipliers = array<i64: 1200000000, 1700000000>, shifts = array<i64: 34, 35>, rounding = "double", input_zp = 0 : i64, output_zp = -5 : i64} : (tensor<1x4x4x2xi32>) -> tensor<1x4x4x2xi8>
  %q = "qgemm.storage_cast"(%r) : (tensor<1x4x4x2xi8>) -> tensor<1x4x4x2x!y>
  return %q : tensor<1x4x4x2x!y>
}

// CHECK-LABEL: func.func private @through_a_reshape
// Without a reader's type: scale 1. The stored bounds -10 and 20, then -5, are
// -5 and 20: in reals of the zero point -5, 0 and 25.
func.func private @through_a_reshape(%x: tensor<6x2x!x>, %w: tensor<2x2x!v>) -> tensor<4x3xi8> {
  // CHECK: "qgemm.matmul"(%arg0, %arg1) {activation = "clamp", clamp_max = 2.500000e+01 : f32, clamp_min = 0.000000e+00 : f32, multipliers = array<i64: 1200000000>, rounding = "single", shifts = array<i64: 34>}
  // CHECK-SAME: -> tensor<6x2x!quant.uniform<i8:f32, 1.000000e+00:-5>>
  // CHECK-NOT: qgemm.clamp
  // CHECK-NOT: qgemm.max
  // CHECK: return
  %a = "qgemm.matmul"(%x, %w) : (tensor<6x2x!x>, tensor<2x2x!v>) -> tensor<6x2xi32>
  %s = "qgemm.reshape"(%a) : (tensor<6x2xi32>) -> tensor<4x3xi32>
  %r = "qgemm.rescale"(%s) {multipliers = array<i64: 1200000000>, shifts = array<i64: 34>, rounding = "single", input_zp = 0 : i64, output_zp = -5 : i64} : (tensor<4x3xi32>) -> tensor<4x3xi8>
  %q = "qgemm.storage_cast"(%r) : (tensor<4x3xi8>) -> tensor<4x3x!one>
  %c = "qgemm.clamp"(%q) {clamp_min = -10.0 : f32, clamp_max = 20.0 : f32} : (tensor<4x3x!one>) -> tensor<4x3x!one>
  %p = "qgemm.storage_cast"(%c) : (tensor<4x3x!one>) -> tensor<4x3xi8>
  %k = "qgemm.constant"() {value = dense<-5> : tensor<1xi8>} : () -> tensor<1xi8>
  %m = "qgemm.max"(%p, %k) : (tensor<4x3xi8>, tensor<1xi8>) -> tensor<4x3xi8>
  return %m : tensor<4x3xi8>
}

// CHECK-LABEL: func.func private @channels_torn_apart
// A multiplier for each of the last dimension, which the reshape changes.
func.func private @channels_torn_apart(%x: tensor<6x2x!x>, %w: tensor<2x2x!v>) -> tensor<4x3xi8> {
  // CHECK: "qgemm.matmul"{{.*}} -> tensor<6x2xi32>
  // CHECK: "qgemm.rescale"
  %a = "qgemm.matmul"(%x, %w) : (tensor<6x2x!x>, tensor<2x2x!v>) -> tensor<6x2xi32>
  %s = "qgemm.reshape"(%a) : (tensor<6x2xi32>) -> tensor<4x3xi32>
  %r = "qgemm.rescale"(%s) {multipliers = array<i64: 1, 2, 3>, shifts = array<i64: 3, 4, 5>, rounding = "single", input_zp = 0 : i64, output_zp = -5 : i64} : (tensor<4x3xi32>) -> tensor<4x3xi8>
  return %r : tensor<4x3xi8>
}

// CHECK-LABEL: func.func private @sums_read_twice
func.func private @sums_read_twice(%x: tensor<6x2x!x>, %w: tensor<2x2x!v>) -> (tensor<6x2xi8>, tensor<6x2xi32>) {
  // CHECK: "qgemm.matmul"{{.*}} -> tensor<6x2xi32>
  // CHECK: "qgemm.rescale"
  %a = "qgemm.matmul"(%x, %w) : (tensor<6x2x!x>, tensor<2x2x!v>) -> tensor<6x2xi32>
  %r = "qgemm.rescale"(%a) {multipliers = array<i64: 1>, shifts = array<i64: 3>, rounding = "single", input_zp = 0 : i64, output_zp = -5 : i64} : (tensor<6x2xi32>) -> tensor<6x2xi8>
  return %r, %a : tensor<6x2xi8>, tensor<6x2xi32>
}

// CHECK-LABEL: func.func private @to_sixteen_bits
func.func private @to_sixteen_bits(%x: tensor<6x2x!x>, %w: tensor<2x2x!v>) -> tensor<6x2xi16> {
  // CHECK: "qgemm.matmul"{{.*}} -> tensor<6x2xi32>
  // CHECK: "qgemm.rescale"
  %a = "qgemm.matmul"(%x, %w) : (tensor<6x2x!x>, tensor<2x2x!v>) -> tensor<6x2xi32>
  %r = "qgemm.rescale"(%a) {multipliers = array<i64: 1>, shifts = array<i64: 3>, rounding = "single", input_zp = 0 : i64, output_zp = 0 : i64} : (tensor<6x2xi32>) -> tensor<6x2xi16>
  return %r : tensor<6x2xi16>
}

// CHECK-LABEL: func.func private @no_addition_taken_in
// A convolution with fractions has no form with an addition, nor have sums.
func.func private @no_addition_taken_in(%x: tensor<1x2x2x1x!y>, %w: tensor<1x1x1x1x!v>, %s: tensor<1x2x2x1xi32>) -> (tensor<1x2x2x1x!y>, tensor<1x2x2x1xi32>) {
  // CHECK-NOT: conv2d_add
  // CHECK: return
  %c = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, multipliers = array<i64: 1>, shifts = array<i64: 3>, rounding = "single"} : (tensor<1x2x2x1x!y>, tensor<1x1x1x1x!v>) -> tensor<1x2x2x1x!y>
  %a = "qgemm.add"(%c, %x) : (tensor<1x2x2x1x!y>, tensor<1x2x2x1x!y>) -> tensor<1x2x2x1x!y>
  %d = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x2x2x1x!y>, tensor<1x1x1x1x!v>) -> tensor<1x2x2x1xi32>
  %e = "qgemm.add"(%d, %s) : (tensor<1x2x2x1xi32>, tensor<1x2x2x1xi32>) -> tensor<1x2x2x1xi32>
  return %a, %e : tensor<1x2x2x1x!y>, tensor<1x2x2x1xi32>
}

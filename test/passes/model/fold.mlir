// Ops on constants become constants, with the numbers of run time.
// RUN: %cimc %s --passes=fold --emit=qgemm -o - | FileCheck %s
// RUN: %cimc %s --passes='fold{dequantize=1}' --emit=qgemm -o - | FileCheck %s --check-prefix=DQ
// RUN: %cimc %s --passes='fold{budget_bytes=8}' --emit=qgemm -o - 2>&1 | FileCheck %s --check-prefix=BUDGET

// BUDGET: warning: this and later constants are not folded: beyond the budget
// BUDGET: "qgemm.transpose"

// CHECK-LABEL: func.func @main
func.func @main() -> tensor<3x2xi32> {
  // CHECK-NEXT: "qgemm.constant"() {value = dense<{{\[\[}}1, 4], [2, 5], [3, 6]]> : tensor<3x2xi32>}
  // CHECK-NEXT: return
  %c = "qgemm.constant"() {value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>} : () -> tensor<2x3xi32>
  %0 = "qgemm.transpose"(%c) {perm = array<i64: 1, 0>} : (tensor<2x3xi32>) -> tensor<3x2xi32>
  return %0 : tensor<3x2xi32>
}

// CHECK-LABEL: func.func private @the_axis_of_the_scales_moves_with_a_transpose
func.func private @the_axis_of_the_scales_moves_with_a_transpose() -> tensor<3x2x!quant.uniform<i8:f32:1, {1.0, 2.0}>> {
  // CHECK-NEXT: dense<{{\[\[}}1, 4], [2, 5], [3, 6]]> : tensor<3x2xi8>} : () -> tensor<3x2x!quant.uniform<i8:f32:1, {1.000000e+00,2.000000e+00}>>
  %c = "qgemm.constant"() {value = dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>} : () -> tensor<2x3x!quant.uniform<i8:f32:0, {1.0, 2.0}>>
  %0 = "qgemm.transpose"(%c) {perm = array<i64: 1, 0>} : (tensor<2x3x!quant.uniform<i8:f32:0, {1.0, 2.0}>>) -> tensor<3x2x!quant.uniform<i8:f32:1, {1.0, 2.0}>>
  return %0 : tensor<3x2x!quant.uniform<i8:f32:1, {1.0, 2.0}>>
}

// CHECK-LABEL: func.func private @a_quantized_pad_is_the_value_in_steps
func.func private @a_quantized_pad_is_the_value_in_steps() -> tensor<4x!quant.uniform<u8:f32, 0.5:3>> {
  // CHECK-NEXT: dense<[5, 7, 8, 5]> : tensor<4xi8>
  %c = "qgemm.constant"() {value = dense<[7, 8]> : tensor<2xi8>} : () -> tensor<2x!quant.uniform<u8:f32, 0.5:3>>
  %0 = "qgemm.pad"(%c) {low = array<i64: 1>, high = array<i64: 1>, value = 1.0 : f32} : (tensor<2x!quant.uniform<u8:f32, 0.5:3>>) -> tensor<4x!quant.uniform<u8:f32, 0.5:3>>
  return %0 : tensor<4x!quant.uniform<u8:f32, 0.5:3>>
}

// CHECK-LABEL: func.func private @quantize_rounds_to_even_and_saturates
func.func private @quantize_rounds_to_even_and_saturates() -> tensor<6x!quant.uniform<i8:f32, 1.0:1>> {
  // CHECK-NEXT: dense<[1, 3, 3, -1, 127, -128]> : tensor<6xi8>
  %c = "qgemm.constant"() {value = dense<[0.5, 1.5, 2.5, -1.5, 300.0, 0x7FC00000]> : tensor<6xf32>} : () -> tensor<6xf32>
  %0 = "qgemm.quantize"(%c) : (tensor<6xf32>) -> tensor<6x!quant.uniform<i8:f32, 1.0:1>>
  return %0 : tensor<6x!quant.uniform<i8:f32, 1.0:1>>
}

// CHECK-LABEL: func.func private @broadcasting_with_an_activation
func.func private @broadcasting_with_an_activation() -> tensor<2x2xf32> {
  // CHECK-NEXT: dense<{{\[\[}}0.000000e+00, 0.000000e+00], [2.000000e+00, 3.000000e+00]]> : tensor<2x2xf32>
  // CHECK-NEXT: return
  %a = "qgemm.constant"() {value = dense<[[-2.0], [1.0]]> : tensor<2x1xf32>} : () -> tensor<2x1xf32>
  %b = "qgemm.constant"() {value = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %0 = "qgemm.add"(%a, %b) {activation = "relu"} : (tensor<2x1xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// CHECK-LABEL: func.func private @real_functions
func.func private @real_functions() -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  // CHECK-NEXT: dense<[1.000000e+00, 2.71828175, 0.000000e+00]> : tensor<3xf32>
  // CHECK-NEXT: dense<[0.000000e+00, 2.500000e-01, 1.000000e+00]> : tensor<3xf32>
  // CHECK-NEXT: dense<[0x7F800000, 1.000000e+00, 0.000000e+00]> : tensor<3xf32>
  // CHECK-NEXT: return
  %c = "qgemm.constant"() {value = dense<[0.0, 1.0, 0xFF800000]> : tensor<3xf32>} : () -> tensor<3xf32>
  %d = "qgemm.constant"() {value = dense<[-2.0, -1.0, 3.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %e = "qgemm.constant"() {value = dense<[-1.5, -1.0, 2.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %0 = "qgemm.exp"(%c) : (tensor<3xf32>) -> tensor<3xf32>
  %1 = "qgemm.hard_sigmoid"(%d) {alpha = 0.25 : f32, beta = 0.5 : f32} : (tensor<3xf32>) -> tensor<3xf32>
  %z = "qgemm.constant"() {value = dense<[0.0, -1.0, 0.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %f = "qgemm.round"(%e) : (tensor<3xf32>) -> tensor<3xf32>
  %g = "qgemm.abs"(%z) : (tensor<3xf32>) -> tensor<3xf32>
  %2 = "qgemm.pow"(%g, %f) : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return %0, %1, %2 : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// CHECK-LABEL: func.func private @integers_wrap_around_and_divide_by_zero
func.func private @integers_wrap_around_and_divide_by_zero() -> (tensor<4xi8>, tensor<4xi8>, tensor<4xui8>, tensor<2x4xi64>) {
  // CHECK-NEXT: dense<[-56, 0, 0, -2]> : tensor<4xi8>
  // CHECK-NEXT: dense<[1, -128, 0, 0]> : tensor<4xi8>
  // CHECK-NEXT: dense<[0, 1, 0, 1]> : tensor<4xui8>
  // CHECK-NEXT: dense<{{\[\[}}100, -128, 0, -1], [7, -128, 7, -1]]> : tensor<2x4xi64>
  // CHECK-NEXT: return
  %a = "qgemm.constant"() {value = dense<[100, -128, 0, -1]> : tensor<4xi8>} : () -> tensor<4xi8>
  %b = "qgemm.constant"() {value = dense<[100, -1, 0, 5]> : tensor<4xi8>} : () -> tensor<4xi8>
  %0 = "qgemm.add"(%a, %a) : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
  %1 = "qgemm.div"(%a, %b) : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
  %2 = "qgemm.compare"(%a, %b) {predicate = "lt"} : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xui8>
  %w = "qgemm.cast"(%a) : (tensor<4xi8>) -> tensor<4xi64>
  %s = "qgemm.constant"() {value = dense<7> : tensor<1xi64>} : () -> tensor<1xi64>
  %m = "qgemm.constant"() {value = dense<[[1, 1, 1, 1], [0, 1, 0, 1]]> : tensor<2x4xui8>} : () -> tensor<2x4xui8>
  %3 = "qgemm.select"(%m, %w, %s) : (tensor<2x4xui8>, tensor<4xi64>, tensor<1xi64>) -> tensor<2x4xi64>
  return %0, %1, %2, %3 : tensor<4xi8>, tensor<4xi8>, tensor<4xui8>, tensor<2x4xi64>
}

// By 3/8 and 1/8, then by 1/8 where halves go away from zero: rounded twice.
// CHECK-LABEL: func.func private @rescale_by_channel
func.func private @rescale_by_channel() -> (tensor<3x2xi8>, tensor<4xi16>) {
  // CHECK-NEXT: dense<{{\[\[}}4, 3], [2, 1], [127, -9]]> : tensor<3x2xi8>
  // CHECK-NEXT: dense<[-1, 1, -2, 2]> : tensor<4xi16>
  // CHECK-NEXT: return
  %a = "qgemm.constant"() {value = dense<[[9, 16], [2, 2], [1000, -80]]> : tensor<3x2xi32>} : () -> tensor<3x2xi32>
  %0 = "qgemm.rescale"(%a) {multipliers = array<i64: 1610612736, 1073741824>, shifts = array<i64: 32, 33>, input_zp = 0 : i64, output_zp = 1 : i64, rounding = "single"} : (tensor<3x2xi32>) -> tensor<3x2xi8>
  %b = "qgemm.constant"() {value = dense<[-4, 4, -12, 12]> : tensor<4xi32>} : () -> tensor<4xi32>
  %1 = "qgemm.rescale"(%b) {multipliers = array<i64: 1073741824>, shifts = array<i64: 33>, input_zp = 0 : i64, output_zp = 0 : i64, rounding = "double"} : (tensor<4xi32>) -> tensor<4xi16>
  return %0, %1 : tensor<3x2xi8>, tensor<4xi16>
}

// CHECK-LABEL: func.func private @dequantize_is_kept_for_fuse
// DQ-LABEL: func.func private @dequantize_is_kept_for_fuse
func.func private @dequantize_is_kept_for_fuse() -> tensor<2xf32> {
  // CHECK: "qgemm.dequantize"
  // DQ-NEXT: "qgemm.constant"() {value = dense<[1.000000e+00, 2.500000e+00]> : tensor<2xf32>}
  %e = "qgemm.constant"() {value = dense<[0, 3]> : tensor<2xi8>} : () -> tensor<2x!quant.uniform<i8:f32, 0.5:-2>>
  %0 = "qgemm.dequantize"(%e) : (tensor<2x!quant.uniform<i8:f32, 0.5:-2>>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

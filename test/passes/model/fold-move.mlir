// Constants are moved while compiling.
// RUN: %cimc %s --passes=fold -o - | FileCheck %s

!q = !quant.uniform<i8:f32, 0.5:3>

// CHECK-LABEL: func.func @cut_and_joined
// CHECK-NEXT: dense<{{\[}}[6, 4, 7, 1, 3], [2, 0, 7, 1, 3]]> : tensor<2x5xi64>
// CHECK-NEXT: return
func.func @cut_and_joined() -> tensor<2x5xi64> {
  %x = "qgemm.constant"() {value = dense<[[0, 1, 2, 3], [4, 5, 6, 7]]> : tensor<2x4xi64>} : () -> tensor<2x4xi64>
  %y = "qgemm.constant"() {value = dense<[[7, 1, 3], [7, 1, 3]]> : tensor<2x3xi64>} : () -> tensor<2x3xi64>
  %0 = "qgemm.slice"(%x) {starts = array<i64: 1, 2>, sizes = array<i64: 2, 2>, steps = array<i64: -1, -2>} : (tensor<2x4xi64>) -> tensor<2x2xi64>
  %1 = "qgemm.concat"(%0, %y) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<2x2xi64>, tensor<2x3xi64>) -> tensor<2x5xi64>
  return %1 : tensor<2x5xi64>
}

// CHECK-LABEL: func.func private @taken
// CHECK-NEXT: dense<{{\[}}[30, 10, 30], [60, 40, 60]]> : tensor<2x3xi8>
func.func private @taken() -> tensor<2x3x!q> {
  %x = "qgemm.constant"() {value = dense<[[10, 20, 30], [40, 50, 60]]> : tensor<2x3xi8>} : () -> tensor<2x3x!q>
  %i = "qgemm.constant"() {value = dense<[-1, -9, 5]> : tensor<3xi32>} : () -> tensor<3xi32>
  %0 = "qgemm.gather"(%x, %i) {axis = 1 : i64} : (tensor<2x3x!q>, tensor<3xi32>) -> tensor<2x3x!q>
  return %0 : tensor<2x3x!q>
}

// CHECK-LABEL: func.func private @padded
// CHECK-NEXT: dense<[5, 10, 5, 20, 5, 5]> : tensor<6xi8>
// CHECK-NEXT: dense<[0, 1, 2]> : tensor<3xui8>
func.func private @padded() -> (tensor<6x!q>, tensor<3xui8>) {
  %x = "qgemm.constant"() {value = dense<[10, 20]> : tensor<2xi8>} : () -> tensor<2x!q>
  %y = "qgemm.constant"() {value = dense<[1, 2]> : tensor<2xui8>} : () -> tensor<2xui8>
  %0 = "qgemm.pad"(%x) {low = array<i64: 1>, high = array<i64: 2>, interior = array<i64: 1>, value = 1.0 : f32} : (tensor<2x!q>) -> tensor<6x!q>
  %1 = "qgemm.pad"(%y) {low = array<i64: 1>, high = array<i64: 0>, value = -4.0 : f32} : (tensor<2xui8>) -> tensor<3xui8>
  return %0, %1 : tensor<6x!q>, tensor<3xui8>
}

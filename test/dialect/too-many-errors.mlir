// After 20 errors the verifier stops: the first mistakes matter.
// RUN: not %cimc %s --emit=qgemm -o - > %t 2>&1
// RUN: FileCheck %s < %t

// CHECK-COUNT-20: error: qgemm.relu: unknown attribute 'slop'
// CHECK-NOT: error:
// CHECK: note: more errors may follow; these 20 are enough to begin with
func.func @main(%x: tensor<4xf32>) {
  %0 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %1 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %2 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %3 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %4 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %5 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %6 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %7 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %8 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %9 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %10 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %11 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %12 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %13 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %14 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %15 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %16 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %17 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %18 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %19 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %20 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  %21 = "qgemm.relu"(%x) {slop = 1} : (tensor<4xf32>) -> tensor<4xf32>
  return
}

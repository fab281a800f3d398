// Dimensions that cannot be fixed.
// RUN: split-file %s %t
// RUN: not %cimc %t/inner.mlir --passes=infer_shapes --emit=qgemm -o - 2>&1 | FileCheck %t/inner.mlir
// RUN: not %cimc %t/two.mlir --passes=infer_shapes --emit=qgemm -o - 2>&1 | FileCheck %t/two.mlir
// RUN: not %cimc %t/count.mlir --passes=infer_shapes --emit=qgemm -o - 2>&1 | FileCheck %t/count.mlir
// RUN: not %cimc %t/disagree.mlir --passes=infer_shapes --emit=qgemm -o - 2>&1 | FileCheck %t/disagree.mlir

//--- inner.mlir
// CHECK: error: dimension 1 of argument 0 is dynamic; only the leading one, the batch, may be
// CHECK: note: export the model with a fixed size there
func.func @main(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = "qgemm.relu"(%x) : (tensor<?x?xf32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
//--- two.mlir
// CHECK: error: reshape with two dynamic dimensions; expected at most one
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x?xf32> {
  %0 = "qgemm.reshape"(%x) : (tensor<?x4xf32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}
//--- count.mlir
// CHECK: error: reshape of 4 elements into a multiple of 3; with the batch pinned to 1 the counts must agree
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %0 = "qgemm.reshape"(%x) : (tensor<?x4xf32>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}
//--- disagree.mlir
// CHECK: error: qgemm.relu: the result has shape {{.*}}; expected
func.func @main(%x: tensor<?x4xf32>) -> tensor<2x4xf32> {
  %0 = "qgemm.relu"(%x) : (tensor<?x4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// What the verifiers between the stages refuse.
// RUN: split-file %s %t
// RUN: not %cimc %t/dynamic.mlir --passes=tile --emit=mapped -o - 2>&1 | FileCheck %t/dynamic.mlir
// RUN: not %cimc %t/foreign.mlir --passes=tile --emit=mapped -o - 2>&1 | FileCheck %t/foreign.mlir
// RUN: not %cimc %t/unplanned.mlir --passes=lower --emit=lowered -o - 2>&1 | FileCheck %t/unplanned.mlir
// RUN: not %cimc %t/place.mlir --passes=lower --emit=lowered -o - 2>&1 | FileCheck %t/place.mlir
// RUN: not %cimc %t/unplanned.mlir --passes=to_llvm --emit=lowered -o - 2>&1 | FileCheck %t/unplanned.mlir --check-prefix=EARLY
// RUN: not %cimc %t/lowered.mlir --passes=fuse --emit=lowered -o - 2>&1 | FileCheck %t/lowered.mlir
// RUN: not %cimc %t/left.mlir --passes=to_llvm --emit=lowered -o - 2>&1 | FileCheck %t/left.mlir

//--- dynamic.mlir
// CHECK: error: a tensor without a static shape; expected all dimensions known before the model is mapped
// CHECK: note: run infer_shapes before
func.func @main(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  return %x : tensor<?x2xf32>
}
//--- foreign.mlir
// CHECK: error: the op arith.addf cannot be compiled; expected qgemm ops
// CHECK: note: docs/dialect.md lists them
func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = arith.addf %x, %x : tensor<2xf32>
  return %0 : tensor<2xf32>
}
//--- unplanned.mlir
// CHECK: error: a function without a memory plan; expected the attribute qgemm.workspace_bytes
// CHECK: note: run plan_memory before
// EARLY: error: pass 'to_llvm' needs a module that is lowered
func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = "qgemm.relu"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
//--- place.mlir
// CHECK: error: qgemm.relu has no place for its result; expected qgemm.offset or qgemm.output
// CHECK: note: run plan_memory again after changing a mapped module
module attributes {qgemm.cpu = {name = "x86-64-v2", dot = "pmaddwd", vector_bits = 128 : i64, pointer_bits = 64 : i64, vector_registers = 16 : i64, features = 1 : i64}} {
  func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> attributes {qgemm.workspace_bytes = 0 : i64} {
    %0 = "qgemm.relu"(%x) : (tensor<2xf32>) -> tensor<2xf32>
    return %0 : tensor<2xf32>
  }
}
//--- lowered.mlir
// CHECK: error: pass 'fuse' needs a module that is not yet lowered
module attributes {qgemm.cpu = {name = "x86-64-v2", dot = "pmaddwd", vector_bits = 128 : i64, pointer_bits = 64 : i64, vector_registers = 16 : i64, features = 1 : i64}} {
  llvm.func @main() {
    llvm.return
  }
}
//--- left.mlir
// CHECK: error: qgemm.relu is left after lowering; expected none
module attributes {qgemm.cpu = {name = "x86-64-v2", dot = "pmaddwd", vector_bits = 128 : i64, pointer_bits = 64 : i64, vector_registers = 16 : i64, features = 1 : i64}} {
  llvm.func @main(%p: !llvm.ptr) {
    %c = "qgemm.constant"() {value = dense<1.0> : tensor<2xf32>} : () -> tensor<2xf32>
    %0 = "qgemm.relu"(%c) : (tensor<2xf32>) -> tensor<2xf32>
    llvm.return
  }
}

// The entry function and its kernels. Cross targets need no such CPU here.
// RUN: %cimc %s --target=x86-64-vnni --emit=lowered -o - | FileCheck %s
// RUN: %cimc %s --target=x86-64-v2 --emit=lowered -o - | FileCheck %s --check-prefix=SSE
// RUN: %cimc %s --target=cortex-m4 --emit=lowered -o - | FileCheck %s --check-prefix=ARM
// RUN: %cimc %s --target=x86-64-vnni --name=net --emit=lowered -o - | FileCheck %s --check-prefix=NAME

!x = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.25>
!y = !quant.uniform<u8:f32, 2.0:3>

// NAME: llvm.func @net(
// ARM: arith.muli {{.*}} : vector<4xi32>
// ARM-NOT: call_intrinsic
// SSE: llvm.call_intrinsic "llvm.x86.sse2.pmadd.wd"
// CHECK-NOT: func.func

// Context, two inputs, an output, the workspace; scalars by value.
// CHECK: llvm.func @lower(%arg0: !llvm.ptr, %arg1: !llvm.ptr, %arg2: f32, %arg3: !llvm.ptr, %arg4: !llvm.ptr, %arg5: !llvm.ptr) -> i32
// CHECK-SAME: passthrough = ["nounwind"]
// CHECK-SAME: qgemm.model = {inputs = [{name = "x", type = tensor<3x64x!quant.uniform<u8:f32, 5.000000e-01:3>>}, {name = "input1", type = f32}]
// CHECK-SAME: layers = [{name = "", op = "matmul"}, {name = "", op = "matmul"}, {name = "", op = "splat"}]
// CHECK-SAME: outputs = [{name = "output0", type = tensor<3x64x!quant.uniform<u8:f32, 2.000000e+00:3>>}, {name = "s", type = tensor<1xf32>}]
// CHECK-SAME: workspace_bytes = 192 : i64

// Null pointers, the workspace's alignment, the context, the CPU.
// CHECK: llvm.icmp "ne" %arg1
// CHECK: llvm.return %c1_i32
// CHECK: llvm.ptrtoint %arg5
// CHECK: llvm.return %c2_i32
// CHECK: llvm.call @cimrt_context_check(%arg0)
// CHECK: llvm.call @cimrt_cpu_has(%c15_i64)
// CHECK: llvm.return %c5_i32

// The hook is called only with a context; both layers share one kernel.
// CHECK: %[[has:.*]] = llvm.icmp "ne" %arg0
// CHECK: llvm.cond_br %[[has]]
// CHECK: llvm.call @cimrt_stage(%arg0, %c0_i32, %c0_i32)
// CHECK: llvm.call @[[kernel:k.matmul[a-z0-9_]*]](%arg1,
// CHECK: llvm.call @cimrt_stage(%arg0, %c0_i32, %c1_i32)
// CHECK: llvm.call @[[kernel]](%arg5,
// CHECK: llvm.return %c0_i32

// Equal weights and scales are stored once.
// CHECK-COUNT-3: llvm.mlir.global internal constant @data.{{[0-9]}}({{.*}}alignment = 64
// CHECK-NOT: llvm.mlir.global
// CHECK: llvm.func internal @[[kernel]](%arg0: !llvm.ptr {llvm.noalias}
// CHECK-SAME: passthrough = ["nounwind", "noinline"]
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
func.func @main(%x: tensor<3x64x!x> {qgemm.name = "x"}, %s: f32) -> (tensor<3x64x!y>, tensor<1xf32> {qgemm.name = "s"}) {
  %w = "qgemm.constant"() {value = dense<1> : tensor<64x64xi8>} : () -> tensor<64x64x!w>
  %0 = "qgemm.matmul"(%x, %w) : (tensor<3x64x!x>, tensor<64x64x!w>) -> tensor<3x64x!x>
  %1 = "qgemm.matmul"(%0, %w) {activation = "relu"} : (tensor<3x64x!x>, tensor<64x64x!w>) -> tensor<3x64x!y>
  %2 = "qgemm.splat"(%s) : (f32) -> tensor<1xf32>
  return %1, %2 : tensor<3x64x!y>, tensor<1xf32>
}

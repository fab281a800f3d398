// An AVX-512 dot product in a module for a CPU without AVX-512.
module attributes {qgemm.symbol = "scale", qgemm.cpu = {
    name = "x86-64-v2", dot = "pmaddwd", vector_bits = 256 : i64,
    pointer_bits = 64 : i64, vector_registers = 16 : i64, features = 3 : i64}} {
  llvm.func @cimrt_cpu_has(i64) -> i32
  llvm.func @cimrt_context_check(!llvm.ptr) -> i32
  llvm.func @cimrt_stage(!llvm.ptr, i32, i32) -> i32
  llvm.mlir.global internal constant @w(dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<8xf32>) {alignment = 64 : i64} : !llvm.array<8 x f32>
  llvm.func internal @kernel(%x: !llvm.ptr, %w: !llvm.ptr, %y: !llvm.ptr) attributes {passthrough = ["nounwind"]} {
    %c0 = arith.constant 0 : i32
    %c4 = arith.constant 4 : i32
    %c8 = arith.constant 8 : i32
    scf.for %i = %c0 to %c8 step %c4 : i32 {
      %px = llvm.getelementptr %x[%i] : (!llvm.ptr, i32) -> !llvm.ptr, f32
      %pw = llvm.getelementptr %w[%i] : (!llvm.ptr, i32) -> !llvm.ptr, f32
      %py = llvm.getelementptr %y[%i] : (!llvm.ptr, i32) -> !llvm.ptr, f32
      %a = llvm.load %px {alignment = 4 : i64} : !llvm.ptr -> vector<4xf32>
      %b = llvm.load %pw {alignment = 16 : i64} : !llvm.ptr -> vector<4xf32>
      %c = arith.mulf %a, %b : vector<4xf32>
      llvm.store %c, %py {alignment = 4 : i64} : vector<4xf32>, !llvm.ptr
    }
    llvm.return
  }
  llvm.func @scale(%ctx: !llvm.ptr, %x: !llvm.ptr, %k: f32, %y: !llvm.ptr, %ws: !llvm.ptr) -> i32 attributes {qgemm.model = {
      name = "scale", workspace_bytes = 64 : i64, state_bytes = 0 : i64,
      inputs = [{name = "input:0", type = tensor<1x8xf32>}, {name = "factor", type = f32}],
      outputs = [{name = "/out/Mul", type = tensor<1x8x!quant.uniform<i8:f32:1, {0.5:3, 0.25, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0}>>}],
      layers = [{name = "/Mul", op = "mul"}]}} {
    %c1 = arith.constant 1 : i64
    %a16 = llvm.load %x {alignment=4:i64} : !llvm.ptr -> vector<16xi32>
    %b16 = llvm.load %x {alignment=4:i64} : !llvm.ptr -> vector<64xi8>
    %r16 = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%a16, %b16, %b16) : (vector<16xi32>, vector<64xi8>, vector<64xi8>) -> vector<16xi32>
    llvm.store %r16, %y {alignment=4:i64} : vector<16xi32>, !llvm.ptr
    %zero = arith.constant 0 : i32
    %five = arith.constant 5 : i32
    %has = llvm.call @cimrt_cpu_has(%c1) : (i64) -> i32
    %r = llvm.call @cimrt_context_check(%ctx) : (!llvm.ptr) -> i32
    %w = llvm.mlir.addressof @w : !llvm.ptr
    llvm.call @kernel(%x, %w, %y) : (!llvm.ptr, !llvm.ptr, !llvm.ptr) -> ()
    %s = llvm.call @cimrt_stage(%ctx, %zero, %zero) : (!llvm.ptr, i32, i32) -> i32
    llvm.return %r : i32
  }
}

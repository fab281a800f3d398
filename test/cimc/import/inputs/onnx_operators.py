# SPDX-License-Identifier: Apache-2.0
#
# The cases of onnx_opsets.py for the operators beside the basic ones.
import numpy as np
from onnx import TensorProto

from onnx_opsets import ints

INT8, UINT8 = TensorProto.INT8, TensorProto.UINT8
INT32, INT64, BOOL = TensorProto.INT32, TensorProto.INT64, TensorProto.BOOL
f32 = np.float32


def positive(cases, *shape):
    return np.abs(cases.normal(*shape)) + f32(0.5)


def unary(cases):
    for op in ("Abs", "Ceil", "Cos", "Erf", "Exp", "Floor", "Neg", "Sign",
               "Sin", "Reciprocal", "Softplus", "Softsign", "HardSwish",
               "Round", "Mish", "Swish"):
        first = {"Erf": 9, "Sign": 9, "Round": 11, "HardSwish": 14,
                 "Mish": 18, "Swish": 24}.get(op, 7)
        # ONNX Runtime 1.32 has no Swish.
        if cases.opset >= first and op != "Swish":
            cases.case(op, "x3")
    above = cases.node("Abs", ["x3"])
    for op in ("Log", "Sqrt"):
        cases.case(op, above)
    for op, more in (("Elu", {"alpha": 0.7}), ("Selu", {}),
                     ("LeakyRelu", {"alpha": 0.3}), ("HardSigmoid", {}),
                     ("HardSigmoid", {"alpha": 0.3, "beta": 0.4})):
        cases.case(op, "x3", **more)
    if cases.opset >= 12:
        cases.case("Celu", "x3", alpha=0.6)
    if cases.opset >= 10:
        cases.case("ThresholdedRelu", "x3", alpha=0.4)
        cases.case("IsInf", "x3", kind=BOOL)
    if cases.opset >= 9:
        cases.case("Shrink", "x3", lambd=0.5, bias=0.2)
        cases.case("IsNaN", "x3", kind=BOOL)
    cases.case("PRelu", "x3", cases.normal(3, 1))
    if cases.opset >= 20:
        cases.case("Gelu", "x3")
        cases.case("Gelu", "x3", approximate="tanh")
    for op in ("Abs", "Neg"):
        cases.case(op, "i3", kind=INT32)
        cases.case(op, "l3", kind=INT64)


def binary(cases):
    n = cases.normal
    cases.case("Div", "x3", "x1")
    cases.case("Div", n(4), "x3")
    cases.case("Pow", positive(cases, 2, 3, 4), "x3")
    for power in (2, 3, 0.5, -1):
        cases.case("Pow", cases.node("Abs", ["x3"]), f32(power))
    if cases.opset >= 12:
        cases.case("Pow", "x3", np.int64(3))
        cases.case("Pow", "i3", ints(0, 1, 2, 3), kind=INT32)
    for op in ("Max", "Min", "Sum", "Mean"):
        cases.case(op, "x3")
        cases.case(op, "x3", n(2, 3, 4), "x3")
        if cases.opset >= 8:
            cases.case(op, "x3", n(3, 1), "x1")
    if cases.opset >= 12:
        for op in ("Max", "Min"):
            cases.case(op, "i3", np.int32(3), kind=INT32)
            cases.case(op, "l3", np.int64(-3), kind=INT64)
    for op in ("Add", "Sub", "Mul"):
        cases.case(op, "i3", np.int32([1, 2, 3, -4]), kind=INT32)
        cases.case(op, "l3", np.int64(70000), kind=INT64)
    cases.case("Div", "i3", np.int32([3, -4, 7, -1]), kind=INT32)
    if cases.opset >= 10:
        for fmod in (0, 1):
            cases.case("Mod", "i3", np.int32([3, -4, 7, -50]), kind=INT32,
                       fmod=fmod)
        cases.case("Mod", "u3", np.uint8(7), kind=UINT8)
    if cases.opset >= 11:
        for direction in ("LEFT", "RIGHT"):
            cases.case("BitShift", "u3", np.uint8([0, 1, 3, 7]), kind=UINT8,
                       direction=direction)
    if cases.opset >= 12:
        cases.case("Clip", "i3", np.int32(-7), np.int32(20), kind=INT32)
        cases.case("Clip", "u3", "", np.uint8(20), kind=UINT8)


def logic(cases):
    zero = f32(0)
    positive = cases.node("Greater", ["x3", zero])
    for op in ("And", "Or", "Xor"):
        cases.case(op, "b3", positive, kind=BOOL)
    cases.case("Not", "b3", kind=BOOL)
    for op in ("Greater", "Less", "Equal", "GreaterOrEqual", "LessOrEqual"):
        if cases.opset < (12 if "Or" in op else 11 if op == "Equal" else 9):
            continue
        cases.case(op, "x3", "x1", kind=BOOL)
        cases.case(op, "i3", np.int32(3), kind=BOOL)
        cases.case(op, "l3", np.int64(-3), kind=BOOL)
    if cases.opset >= 9:
        cases.case("Where", "b3", "x3", "x1")
        cases.case("Where", "b3", "l3", np.int64(7), kind=INT64)
        cases.case("Where", positive, "u3", np.uint8(7), kind=UINT8)
    if cases.opset >= 18:
        for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
            cases.case(op, "i3", np.int32(29), kind=INT32)
        cases.case("BitwiseNot", "i3", kind=INT32)
        cases.case("BitwiseNot", "u3", kind=UINT8)
    large = cases.node("Mul", ["x3", f32(30)])
    for kind in (INT32, INT64, INT8):
        cases.case("Cast", large, to=kind, kind=kind)
    for source in ("i3", "l3", "u3", "a3", "b3"):
        cases.case("Cast", source, to=TensorProto.FLOAT)
        cases.case("Cast", source, to=INT64, kind=INT64)
    for source in ("x3", "i3", "u3"):
        cases.case("Cast", source, to=BOOL, kind=BOOL)
    cases.case("Cast", "l3", to=UINT8, kind=UINT8)
    if cases.opset >= 15:
        cases.case("CastLike", "i3", "x1")


def reduced(cases, op, name, axes, keep, kind=TensorProto.FLOAT):
    by_input = cases.opset >= (13 if op == "ReduceSum" else 18)
    more, attributes = [], {"keepdims": keep}
    if axes is not None and by_input:
        more = [ints(*axes)]
    elif axes is not None:
        attributes["axes"] = axes
    cases.case(op, name, *more, kind=kind, **attributes)


def reductions(cases):
    above = cases.node("Abs", ["x5"])
    for op in ("Sum", "Max", "Min", "Prod", "L1", "L2", "SumSquare",
               "LogSumExp", "LogSum"):
        name = above if op == "LogSum" else "x5"
        reduced(cases, "Reduce" + op, name, [1, -1], 1)
        reduced(cases, "Reduce" + op, name, [0, 2], 0)
    reduced(cases, "ReduceSum", "x3", None, 0)
    for op in ("ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd"):
        reduced(cases, op, "i3", [1], 0, INT32)
    for op in ("ArgMax", "ArgMin"):
        for axis, keep in ((0, 1), (1, 0), (2, 1)):
            cases.case(op, "x3", axis=axis, keepdims=keep, kind=INT64)
        cases.case(op, "i3", axis=2, kind=INT64)
        if cases.opset >= 12:
            cases.case(op, "u3", axis=1, select_last_index=1, kind=INT64)
    for axis in (0, 1, 2):
        cases.case("LogSoftmax", "x3", axis=axis)
        cases.case("Hardmax", "x3", axis=axis)
    if cases.opset >= 9:
        for axis in (-1, 0):
            cases.case("OneHot", "l3", np.int64(60), f32([-1, 2]),
                       axis=axis)
    if cases.opset >= 11:
        for exclusive, reverse in ((0, 0), (1, 0), (0, 1), (1, 1)):
            cases.case("CumSum", "x5", np.int64(2), exclusive=exclusive,
                       reverse=reverse)
        cases.case("CumSum", "i3", np.int64(1), kind=INT32)


def norms(cases):
    n = cases.normal
    if cases.opset >= 17:
        cases.case("LayerNormalization", "x3", n(4), n(4))
        cases.case("LayerNormalization", "x5", n(3, 4, 5), axis=1,
                   epsilon=0.01)
        cases.several("LayerNormalization", ["x3", n(3, 4)],
                      [TensorProto.FLOAT] * 3, axis=-2)
    cases.case("InstanceNormalization", "x5", n(3), n(3), epsilon=0.01)
    cases.case("InstanceNormalization", "x3", n(3), n(3))
    if cases.opset >= 21:
        cases.case("GroupNormalization", "x4", n(2), n(2), num_groups=2)
    cases.case("LRN", "x5", size=3, alpha=0.1, beta=0.6, bias=1.5)
    cases.case("LRN", "x4", size=1, alpha=0.2)
    for p in (1, 2):
        cases.case("LpNormalization", "x3", axis=1, p=p)
    if cases.opset >= 9:
        cases.case("MeanVarianceNormalization", "x5")
        cases.case("MeanVarianceNormalization", "x5", axes=[2, 3])
    if cases.opset >= 14:
        scales = [n(3), n(3), n(3), positive(cases, 3)]
        cases.several("BatchNormalization", ["x5", *scales],
                      [TensorProto.FLOAT] * 3, training_mode=1, momentum=0.7)


def moves(cases):
    n = cases.normal
    for axis in (0, 1, 2):
        cases.case("Concat", "x3", n(2, 3, 4), "x3", axis=axis)
    cases.case("Concat", *["x2"] * 20, axis=-1)
    cases.case("Concat", "b3", "b3", axis=1, kind=BOOL)
    kinds = [TensorProto.FLOAT] * 2
    if cases.opset >= 13:
        cases.several("Split", ["x3", ints(1, 3)], kinds, axis=2)
        more = {"num_outputs": 2} if cases.opset >= 18 else {}
        cases.several("Split", ["x3"], kinds, **more)
    else:
        cases.several("Split", ["x3"], kinds, axis=2, split=[1, 3])
        cases.several("Split", ["x3"], kinds)
    if cases.opset >= 10:
        cases.case("Slice", "x5", ints(1, -1), ints(3, -6), ints(2, 3),
                   ints(1, -2))
        cases.case("Slice", "x5", ints(0, 1), ints(1, 100))
        cases.case("Slice", "i3", ints(-1), ints(-100), ints(1), ints(-1),
                   kind=INT32)
    else:
        cases.case("Slice", "x5", starts=[1, -3], ends=[3, -1], axes=[1, 3])
    cases.case("Gather", "x3", ints(1, 0, 1), axis=0)
    cases.case("Gather", "x3", np.int64([[0, -1], [2, 1]]), axis=1)
    cases.case("Gather", "x3", np.int64(2), axis=2)
    if cases.opset >= 8:
        cases.case("Expand", "s1", ints(2, 1, 4))
        cases.case("Expand", "x2", ints(2, 2, 1))
    cases.case("Tile", "x3", ints(1, 3, 2))
    cases.case("Tile", "u3", ints(2, 1, 1), kind=UINT8)
    depth = cases.node("Transpose", ["x4"], perm=[0, 2, 1, 3])
    cases.case("DepthToSpace", depth, blocksize=2)
    cases.case("SpaceToDepth", cases.node("Slice", ["x4", ints(1), ints(7),
                                                    ints(3)])
               if cases.opset >= 10 else
               cases.node("Slice", ["x4"], starts=[1], ends=[7], axes=[3]),
               blocksize=2)
    if cases.opset >= 11:
        cases.case("DepthToSpace", depth, blocksize=2, mode="CRD")
        cases.case("GatherElements", "x3", np.int64(
            [[[0, -1], [2, 3]]]), axis=2)
        cases.case("GatherND", "x3", np.int64([[0, 1], [1, -1]]))
        cases.case("ScatterElements", "x2", np.int64([[0, -1], [2, 1]]),
                   n(2, 2), axis=1)
        cases.case("ScatterND", "x3", np.int64([[0, 1], [1, -1]]), n(2, 4))
    if cases.opset >= 12:
        cases.case("GatherND", "x3", np.int64([[1], [2]]), batch_dims=1)
    if cases.opset >= 16:
        for reduction in ("add", "mul"):
            cases.case("ScatterElements", "x2", np.int64([[0, 0], [2, 0]]),
                       n(2, 2), axis=1, reduction=reduction)
        cases.case("ScatterND", "x2", np.int64([[0, 1], [0, 1]]), n(2),
                   reduction="add")
    if cases.opset >= 14:
        for upper in (0, 1):
            cases.case("Trilu", "x5", np.int64(1), upper=upper)
    if cases.opset >= 10:
        cases.case("ReverseSequence", "x3", ints(1, 2, 0), batch_axis=1,
                   time_axis=0)
    if cases.opset >= 9:
        cases.case("Compress", "x3", np.array([True, False, True]), axis=1)
        cases.case("Compress", "x3", np.array([False, True, True]))
        eye = cases.node("EyeLike", ["x2"], k=1)
        cases.case("Add", "x2", eye)


def pads(cases):
    for mode in ("edge", "reflect", "wrap"):
        if mode == "wrap" and cases.opset < 19:
            continue
        if cases.opset < 11:
            cases.case("Pad", "x3", mode=mode, pads=[0, 1, 2, 1, 2, 3])
        else:
            cases.case("Pad", "x3", ints(0, 1, 2, 1, 2, 3), mode=mode)
    if cases.opset >= 11:
        cases.case("Pad", "x3", ints(0, -1, 2, 0, 0, -3))
        cases.case("Pad", "i3", ints(0, 1, 2, 1, 0, 1), np.int32(-7),
                   kind=INT32)
    cases.case("MatMul", cases.normal(5, 1, 2, 3), "x3")
    cases.case("MatMul", cases.normal(1, 2, 3), cases.node(
        "Transpose", ["x5"], perm=[0, 3, 1, 2]))


def pools(cases):
    n = cases.normal
    if cases.opset >= 10:
        cases.case("MaxPool", "x4", kernel_shape=[2, 3], dilations=[2, 2],
                   strides=[2, 1], pads=[1, 1, 0, 1])
    if cases.opset >= 19:
        for count in (0, 1):
            cases.case("AveragePool", "x4", kernel_shape=[2, 2],
                       dilations=[2, 3], pads=[1, 0, 1, 0],
                       count_include_pad=count)
    five = cases.node("Reshape", ["x5", ints(1, 2, 3, 4, 5)])
    cases.case("MaxPool", five, kernel_shape=[2, 2, 3], strides=[1, 2, 1],
               pads=[1, 0, 1, 0, 0, 1])
    for count in (0, 1):
        cases.case("AveragePool", five, kernel_shape=[2, 2, 3],
                   strides=[1, 2, 1], pads=[1, 0, 1, 0, 0, 1],
                   count_include_pad=count)
    for op in ("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"):
        # ONNX Runtime 1.32 has no GlobalLpPool of opset 22.
        if cases.opset < 22 or op != "GlobalLpPool":
            cases.case(op, five)
    for p in (1, 2, 3):
        cases.case("LpPool", "x4", kernel_shape=[3, 2], strides=[2, 2],
                   pads=[1, 0, 1, 1], p=p)
    for more in ({}, {"strides": [2, 3]}, {"pads": [1, 0, 2, 1]},
                 {"strides": [3, 2], "output_padding": [2, 1]},
                 {"dilations": [2, 1], "strides": [2, 2]},
                 {"strides": [2, 2], "output_shape": [17, 13]},
                 {"strides": [2, 2], "auto_pad": "SAME_UPPER"},
                 {"strides": [2, 2], "auto_pad": "SAME_LOWER"}):
        cases.case("ConvTranspose", "x4", n(2, 3, 3, 2), n(3), **more)
    cases.case("ConvTranspose", "x4", n(2, 2, 3, 3), group=2, strides=[2, 2])
    cases.case("ConvTranspose", "x3", n(3, 2, 3), strides=[2])


def resizes(cases):
    scales = f32([1, 1, 1.5, 2])
    if cases.opset < 10:
        if cases.opset < 9:
            cases.case("Upsample", "x4", scales=[1., 1., 2., 3.])
        else:
            cases.case("Upsample", "x4", scales)
            cases.case("Upsample", "x4", f32([1, 1, 2, 2]),
                       mode="linear")
        return
    if cases.opset < 11:
        cases.case("Resize", "x4", scales)
        cases.case("Resize", "x4", scales, mode="linear")
        return
    none = "" if cases.opset >= 13 else f32([])
    for mode in ("half_pixel", "asymmetric", "align_corners",
                 "pytorch_half_pixel"):
        for how in ("nearest", "linear", "cubic"):
            sizes = ints(1, 2, 11, 4)
            cases.case("Resize", "x4", none, none, sizes, mode=how,
                       coordinate_transformation_mode=mode)
    for rounding in ("floor", "ceil", "round_prefer_ceil"):
        cases.case("Resize", "x4", none, f32([1, 1, 2.5, 0.6]),
                   nearest_mode=rounding)
    cases.case("Resize", "x4", none, f32([1, 1, 2, 0.5]), mode="cubic",
               cubic_coeff_a=-0.5, exclude_outside=1)
    cases.case("Resize", "x4", f32([0, 0, .1, -.2, 1, 1, .8, 1.3]), none,
               ints(1, 2, 5, 6), mode="linear", extrapolation_value=9.0,
               coordinate_transformation_mode="tf_crop_and_resize")
    cases.case("Resize", "u3", none, f32([1, 2, 2]), kind=UINT8)
    if cases.opset >= 18:
        cases.case("Resize", "x4", none, none, ints(5, 4), axes=[2, 3],
                   mode="linear", antialias=1)


MODELS = [(unary, norms), (binary,), (logic,), (reductions,), (moves,),
          (pads, pools), (resizes,)]

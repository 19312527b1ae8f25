#!/usr/bin/env python3
"""Makes tests/diagnostics/<CODE>/<name>.tflite and .json: a small sound model with one fault each, and what must be said of it.

    python tools/damaged_cases.py

Needs ai_edge_litert 2.3.0 (its schema classes) and numpy. Development only: the tests read what it wrote.
The model: int8 input [1,6,6,2] -> CONV_2D (3x3, stride 2, SAME, RELU, 4 channels, per channel) -> DEPTHWISE_CONV_2D (3x3)
-> RESHAPE -> FULLY_CONNECTED -> SOFTMAX. Bias scales are the products.
"""
import copy, pathlib
import numpy as np
import flatbuffers
from ai_edge_litert import schema_py_generated as s
from case_files import Cases

OUT = pathlib.Path(__file__).parent.parent / 'tests' / 'diagnostics'


def quant(scale, zero=0, axis=0):
    q = s.QuantizationParametersT()
    q.scale = np.atleast_1d(np.array(scale, np.float32)).tolist()
    q.zeroPoint = [zero] * len(q.scale)
    q.quantizedDimension = axis
    return q


class Net:
    def __init__(self):
        m = self.model = s.ModelT()
        m.version, m.description = 3, b'test'
        m.buffers, m.operatorCodes = [s.BufferT()], []
        g = self.graph = s.SubGraphT()
        g.name, g.tensors, g.operators = b'main', [], []
        m.subgraphs = [g]

    def tensor(self, name, dtype, shape, q=None, data=None):
        t = s.TensorT()
        t.name, t.shape, t.type, t.hasRank, t.buffer, t.quantization = name.encode(), list(shape), getattr(s.TensorType, dtype), True, 0, q
        if data is not None:
            b = s.BufferT()
            b.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            self.model.buffers.append(b)
            t.buffer = len(self.model.buffers) - 1
        self.graph.tensors.append(t)
        return len(self.graph.tensors) - 1

    def node(self, op, version, inputs, outputs, kind=None, **fields):
        c = s.OperatorCodeT()
        c.builtinCode = getattr(s.BuiltinOperator, op)
        c.deprecatedBuiltinCode, c.version = min(c.builtinCode, 127), version
        self.model.operatorCodes.append(c)
        o = s.OperatorT()
        o.opcodeIndex, o.inputs, o.outputs = len(self.model.operatorCodes) - 1, inputs, outputs
        if kind:
            o.builtinOptionsType = getattr(s.BuiltinOptions, kind)
            o.builtinOptions = getattr(s, kind + 'T')()
            for k, v in fields.items():
                assert hasattr(o.builtinOptions, k), k
                setattr(o.builtinOptions, k, v)
        self.graph.operators.append(o)

    def named(self, name):
        return next(t for t in self.graph.tensors if t.name == name.encode())

    def index(self, name):
        return [t.name for t in self.graph.tensors].index(name.encode())

    def pack(self):
        b = flatbuffers.Builder(4096)
        b.Finish(self.model.Pack(b), b'TFL3')
        return bytes(b.Output())


def weights(net, name, shape, axis, s_in, scale):
    n = shape[axis]
    scales = (scale * (1 + np.arange(n) / n)).astype(np.float32)
    w = net.tensor(name + '/w', 'INT8', shape, quant(scales, axis=axis), net.rng.integers(-7, 8, shape).astype(np.int8))
    b = net.tensor(name + '/b', 'INT32', [n], quant(np.float32(s_in) * scales), net.rng.integers(-99, 99, n).astype(np.int32))
    return w, b


def network():
    net = Net()
    net.rng = np.random.default_rng(5)  # every case has the same weights
    same, relu = s.Padding.SAME, s.ActivationFunctionType.RELU
    x = net.tensor('x', 'INT8', [1, 6, 6, 2], quant(0.05, -3))
    w0, b0 = weights(net, 'conv', [4, 3, 3, 2], 0, 0.05, 0.02)
    c = net.tensor('conv', 'INT8', [1, 3, 3, 4], quant(0.1, -128))
    w1, b1 = weights(net, 'depthwise', [1, 3, 3, 4], 3, 0.1, 0.03)
    d = net.tensor('depthwise', 'INT8', [1, 3, 3, 4], quant(0.2, -128))
    shape = net.tensor('shape', 'INT32', [2], None, np.array([1, 36], np.int32))
    r = net.tensor('flat', 'INT8', [1, 36], quant(0.2, -128))
    w2, b2 = weights(net, 'dense', [5, 36], 0, 0.2, 0.01)
    f = net.tensor('dense', 'INT8', [1, 5], quant(0.3, 2))
    y = net.tensor('y', 'INT8', [1, 5], quant(1 / 256, -128))
    net.node('CONV_2D', 3, [x, w0, b0], [c], 'Conv2DOptions', padding=same, strideW=2, strideH=2, dilationWFactor=1, dilationHFactor=1, fusedActivationFunction=relu)
    net.node('DEPTHWISE_CONV_2D', 3, [c, w1, b1], [d], 'DepthwiseConv2DOptions', padding=same, strideW=1, strideH=1, depthMultiplier=1, dilationWFactor=1,
             dilationHFactor=1, fusedActivationFunction=relu)
    net.node('RESHAPE', 1, [d, shape], [r], 'ReshapeOptions', newShape=[1, 36])
    net.node('FULLY_CONNECTED', 4, [r, w2, b2], [f], 'FullyConnectedOptions')
    net.node('SOFTMAX', 2, [f], [y], 'SoftmaxOptions', beta=1.0)
    net.graph.inputs, net.graph.outputs = [x], [y]
    return net


CASES = Cases(OUT, '.tflite', '.json', network)
several = CASES.several


def case(name, code, cause, damage, **said):
    CASES.case(name, code, cause, damage, network(), **said)


def data_of(net, name):
    return net.model.buffers[net.named(name).buffer]


def set_data(net, name, array):
    data_of(net, name).data = np.frombuffer(np.ascontiguousarray(array).tobytes(), np.uint8)


def op(net, i):
    return net.graph.operators[i]




def custom(net):
    c = net.model.operatorCodes[0]
    c.builtinCode, c.deprecatedBuiltinCode, c.customCode = s.BuiltinOperator.CUSTOM, 32, b'CustomQuantizedConv2D'


def no_options(net):
    op(net, 1).builtinOptions, op(net, 1).builtinOptionsType = None, 0


def other_options(net):
    o = s.Pool2DOptionsT()
    o.strideW = o.strideH = o.filterWidth = o.filterHeight = 1
    op(net, 0).builtinOptions, op(net, 0).builtinOptionsType = o, s.BuiltinOptions.Pool2DOptions


def unordered(net):
    ops = net.graph.operators
    ops[1], ops[2] = ops[2], ops[1]


def cyclic(net):
    op(net, 1).inputs = [net.index('flat'), net.index('depthwise/w'), net.index('depthwise/b')]


def twice(net):
    op(net, 2).outputs = [net.index('conv')]
    op(net, 3).inputs = [net.index('conv'), net.index('dense/w'), net.index('dense/b')]


def floats_behind_int8(net):
    t = net.named('depthwise/w')
    q = np.frombuffer(data_of(net, 'depthwise/w').data.tobytes(), np.int8).reshape(t.shape)
    set_data(net, 'depthwise/w', (q * np.array(t.quantization.scale, np.float32)).astype(np.float32))


def bias_16x8(net):
    for name in ('x', 'conv', 'depthwise', 'flat', 'dense', 'y'):
        net.named(name).type = s.TensorType.INT16
        net.named(name).quantization.zeroPoint = [0]
    for name in ('depthwise/b', 'dense/b'):
        set_data(net, name, np.frombuffer(data_of(net, name).data.tobytes(), np.int32).astype(np.int64))
        net.named(name).type = s.TensorType.INT64
    net.named('y').quantization.scale = [1 / 32768]


w0, w1, w2 = (lambda n, k=k: n.named(k + '/w') for k in ('conv', 'depthwise', 'dense'))

case('custom_op', 'QG2001', 'unknown-op', custom, node=0)
case('version_99', 'QG2010', 'unsupported-version', lambda n: setattr(n.model.operatorCodes[3], 'version', 99), node=3, fix='safe', loadable=True)
case('depthwise_without_options', 'QG2020', 'missing-attribute', no_options, node=1)
case('conv_with_pool_options', 'QG2021', 'invalid-attribute', other_options, node=0)
case('stride_w_0', 'QG2022', 'invalid-attribute', lambda n: setattr(op(n, 0).builtinOptions, 'strideW', 0), node=0, attribute='stride_w', fix='likely')
case('no_weights', 'QG2030', 'dangling-reference', lambda n: setattr(op(n, 3), 'inputs', [n.index('flat')]), node=3)
case('dtype_77', 'QG3001', 'unsupported-dtype', lambda n: setattr(n.named('conv'), 'type', 77), tensor='conv')
case('weights_declared_float', 'QG3101', 'dtype-contradiction', lambda n: setattr(w1(n), 'type', s.TensorType.FLOAT32), node=1, tensor='depthwise/w', fix='likely')
case('floats_declared_int8', 'QG3101', 'dtype-contradiction', floats_behind_int8, node=1, tensor='depthwise/w', fix='likely')
case('wrong_axis', 'QG3104', 'invalid-quantization', lambda n: setattr(w0(n).quantization, 'quantizedDimension', 1), node=0, tensor='conv/w', fix='safe', loadable=True)
case('bias_axis_3', 'QG3104', 'invalid-quantization', lambda n: setattr(n.named('depthwise/b').quantization, 'quantizedDimension', 3), severity='warning', node=1,
     tensor='depthwise/b', fix='safe', loadable=True)
case('scales_lost', 'QG3104', 'invalid-quantization', lambda n: w0(n).quantization.__dict__.update(scale=[0.02, 0.03, 0.04], zeroPoint=[0, 0, 0]), node=0, tensor='conv/w', fix='likely')
case('int4_unpacked', 'QG3106', 'data-size-mismatch', lambda n: setattr(w1(n), 'type', s.TensorType.INT4), node=1, tensor='depthwise/w', fix='likely')
case('int32_bias', 'QG3110', 'dtype-contradiction', bias_16x8, severity='warning', node=0, tensor='conv/b', fix='safe', loadable=True)
case('input_declared_float', 'QG3107', 'dtype-contradiction', lambda n: setattr(n.named('x'), 'type', s.TensorType.FLOAT32), node=0, tensor='x', fix='likely')
case('weights_relabelled_uint8', 'QG3108', 'dtype-contradiction', lambda n: setattr(w1(n), 'type', s.TensorType.UINT8), node=1, tensor='depthwise/w', fix='likely')
case('weights_without_data', 'QG4020', 'dangling-reference', lambda n: setattr(w2(n), 'buffer', 0), node=3, tensor='dense/w')
case('two_makers', 'QG4021', 'duplicate-definition', twice, node=2, tensor='conv')
case('own_output', 'QG4022', 'cycle', cyclic, node=1)
case('reshape_first', 'QG4023', 'wrong-order', unordered, severity='warning', node=1, fix='safe', loadable=True)
case('weights_cut', 'QG4201', 'data-size-mismatch', lambda n: setattr(w2(n), 'shape', [5, 40]), node=3, tensor='dense/w', fix='likely')
case('bytes_behind', 'QG4201', 'data-size-mismatch', lambda n: set_data(n, 'dense/w', np.append(data_of(n, 'dense/w').data, np.zeros(7, np.uint8))), severity='warning',
     node=3, tensor='dense/w', loadable=True)
case('overflow', 'QG4202', 'shape-mismatch', lambda n: setattr(n.named('depthwise'), 'shape', [1, 2**31 - 1, 2**31 - 1, 2**31 - 1]), node=1, tensor='depthwise', fix='safe',
     loadable=True)
def scale_of(name, value):
    return lambda n: setattr(n.named(name).quantization, 'scale', np.atleast_1d(np.array(value, np.float32)).tolist())


def times(name, factors):
    def damage(n):
        q = n.named(name).quantization
        q.scale = (np.array(q.scale, np.float32) * np.array(factors, np.float32)).tolist()
    return damage


def zero_points(name, values):
    return lambda n: setattr(n.named(name).quantization, 'zeroPoint', values)


def bias_of_floats(net):
    t = net.named('conv/b')
    q = np.frombuffer(data_of(net, 'conv/b').data.tobytes(), np.int32)
    set_data(net, 'conv/b', (q * np.array(t.quantization.scale, np.float32)).astype(np.float32))
    t.type, t.quantization = s.TensorType.FLOAT32, None


def float_reader(net):
    z = net.tensor('z', 'FLOAT32', [1, 5])
    net.node('TANH', 1, [net.index('y')], [z])
    net.graph.outputs = [z]


def exchanged(net):
    a, b, c = op(net, 0).inputs
    op(net, 0).inputs = [b, a, c]


bad, off = 'invalid-quantization', 'inconsistent-quantization'
case('activation_scale_0', 'QG3202', bad, scale_of('conv', 0.0), node=0, tensor='conv', fix='likely')
case('weight_scale_nan', 'QG3202', bad, times('depthwise/w', [1, float('nan'), 1, 1]), node=1, tensor='depthwise/w', fix='likely')
case('scale_negative', 'QG3202', bad, scale_of('dense', -0.3), node=3, tensor='dense', fix='needs_input')
case('zero_point_300', 'QG3204', bad, zero_points('conv', [300]), node=0, tensor='conv', fix='likely')
case('two_for_four', 'QG3205', bad, zero_points('conv/w', [0, 0]), node=0, tensor='conv/w', fix='safe', loadable=True)
case('four_times', 'QG3206', off, times('conv/b', [4] * 4), severity='warning', node=0, tensor='conv/b', fix='likely', loadable=True)
case('one_channel', 'QG3206', off, times('dense/b', [1, 1, 1.2, 1, 1]), severity='warning', node=3, tensor='dense/b', fix='safe', loadable=True)
case('softmax', 'QG3207', off, scale_of('y', 0.01), severity='warning', node=4, tensor='y', fix='likely', loadable=True)
case('behind_reshape', 'QG3208', off, scale_of('flat', 0.6), severity='warning', node=2, tensor='flat', fix='likely', loadable=True)
case('before_reshape', 'QG3208', off, scale_of('depthwise', 0.6), severity='warning', node=1, tensor='depthwise', fix='likely', loadable=True)
case('float_bias', 'QG3109', 'dtype-contradiction', bias_of_floats, node=0, tensor='conv/b', fix='likely')
case('float_op', 'QG3111', 'missing-conversion', float_reader, node=5, tensor='y', fix='likely')
case('weights_first', 'QG4024', 'shape-mismatch', exchanged, node=0, tensor='conv/w', fix='likely')
case('padding_9', 'QG2022', 'invalid-attribute', lambda n: setattr(op(n, 1).builtinOptions, 'padding', 9), node=1, attribute='padding', fix='likely')


def with_range(net):
    q = net.named('conv').quantization
    q.min, q.max = [0.0], [6.0]  # of a scale of 6/255


def fake_quant(net):
    z = net.tensor('z', 'INT8', [1, 5], quant(0.3, 2))
    net.node('FAKE_QUANT', 2, [net.index('dense'), ], [z], 'FakeQuantOptions', min=-1.0, max=1.0, numBits=8)
    ops = net.graph.operators
    ops.insert(4, ops.pop())
    ops[5].inputs = [z]


case('depth_multiplier_5', 'QG2024', 'invalid-attribute', lambda n: setattr(op(n, 1).builtinOptions, 'depthMultiplier', 5), severity='warning', node=1,
     attribute='depth_multiplier', fix='safe', loadable=True)
case('stride_1_for_2', 'QG2025', 'invalid-attribute', lambda n: setattr(op(n, 0).builtinOptions, 'strideW', 1), node=0, attribute='stride_w', fix='likely')
case('bias_zero_point', 'QG3214', bad, zero_points('dense/b', [3] * 5), severity='warning', node=3, tensor='dense/b', fix='safe', loadable=True)
case('no_zero_point', 'QG3216', bad, zero_points('conv', None), node=0, tensor='conv', fix='likely')
case('weights_without_zero_points', 'QG3216', bad, zero_points('dense/w', None), severity='warning', node=3, tensor='dense/w', fix='safe', loadable=True)
case('fake_quant', 'QG3117', 'missing-conversion', fake_quant, node=4, tensor='dense', fix='likely')
def per_channel(name, channels, axis, scales=None):
    def damage(net):
        q = net.named(name).quantization
        q.scale, q.zeroPoint, q.quantizedDimension = scales or [q.scale[0]] * channels, [q.zeroPoint[0]] * channels, axis
    return damage


def moved_twice(net):
    """A second RESHAPE of the same tensor, the second output of the graph, with parameters of its own."""
    r = net.tensor('also_flat', 'INT8', [1, 36], quant(0.5, 7))
    net.node('RESHAPE', 1, [net.index('depthwise'), net.index('shape')], [r], 'ReshapeOptions', newShape=[1, 36])
    net.graph.outputs = net.graph.outputs + [r]


def zeros_without_bias(net):
    op(net, 3).inputs = op(net, 3).inputs[:2]
    set_data(net, 'dense/w', np.zeros((5, 36), np.int8))


case('equal_scales', 'QG3217', bad, per_channel('conv', 4, 3), node=0, tensor='conv', fix='safe', loadable=True)
case('input_scales', 'QG3217', bad, per_channel('x', 2, 3), node=0, tensor='x', fix='safe', loadable=True)
case('unequal_scales', 'QG3217', bad, per_channel('depthwise', 4, 3, [0.2, 0.3, 0.4, 0.5]), node=1, tensor='depthwise', fix='likely')
case('unequal_of_output', 'QG3217', bad, per_channel('dense', 5, 1, [0.3, 0.1, 0.2, 0.3, 0.4]), node=3, tensor='dense', fix='needs_input')
case('of_second_reader', 'QG3208', off, moved_twice, severity='warning', node=5, tensor='also_flat', fix='likely', loadable=True)
case('dense_per_row', 'QG3209', bad, lambda n: setattr(n.named('dense/w').quantization, 'zeroPoint', [3] * 5), severity='warning', node=3, tensor='dense/w', fix='likely', loadable=True)
case('cleared_without_bias', 'QG3118', 'data-out-of-range', zeros_without_bias, severity='warning', node=3, tensor='dense/w', loadable=True)
def change_data(name, how, dtype=np.int32):
    return lambda net: set_data(net, name, how(np.frombuffer(bytes(data_of(net, name).data), dtype)))


def weights_oihw(net):
    set_data(net, 'conv/w', np.frombuffer(bytes(data_of(net, 'conv/w').data), np.int8).reshape(4, 3, 3, 2).transpose(0, 3, 1, 2))
    net.named('conv/w').shape = [4, 2, 3, 3]


def floats_of_bias(net):
    scale = np.array(net.named('conv/b').quantization.scale, np.float32)
    change_data('conv/b', lambda b: (b * scale).astype(np.float32))(net)


def change_scales(name, how):
    def damage(net):
        q = net.named(name).quantization
        q.scale = [float(how(np.float32(v))) for v in q.scale]
    return damage


inverse = lambda v: np.float32(1) / v
case('weights_oihw', 'QG4203', 'shape-mismatch', weights_oihw, node=0, tensor='conv/w', fix='likely')
case('bias_big_endian', 'QG3123', 'data-out-of-range', change_data('conv/b', lambda b: b.byteswap()), node=0, tensor='conv/b', fix='likely', loadable=True)
case('bias_bits_of_floats', 'QG3123', 'data-out-of-range', floats_of_bias, node=0, tensor='conv/b', fix='likely', loadable=True)
case('shape_big_endian', 'QG3123', 'data-out-of-range', change_data('shape', lambda b: b.byteswap()), node=2, tensor='shape', fix='likely')
case('weights', 'QG3218', off, change_scales('conv/w', inverse), severity='warning', node=0, tensor='conv/w', fix='likely', loadable=True)
case('input', 'QG3218', off, change_scales('x', inverse), severity='warning', node=0, tensor='x', fix='likely', loadable=True)
case('too_large', 'QG3219', off, change_scales('dense', lambda v: v * 1e6), severity='warning', node=3, tensor='dense', fix='needs_input', loadable=True)
case('too_small', 'QG3219', off, change_scales('conv', lambda v: v / 1e6), severity='warning', node=0, tensor='conv', fix='likely', loadable=True)
case('near_the_end', 'QG3120', 'data-out-of-range', change_data('conv/b', lambda b: np.array([5, 2147483000, -7, 3], np.int32)), severity='warning', node=0, tensor='conv/b',
     fix='needs_input', loadable=True)
case('scale_one', 'QG3206', off, change_scales('conv/b', lambda v: 1), severity='warning', node=0, tensor='conv/b', fix='safe', loadable=True)
case('cleared', 'QG3118', 'data-out-of-range', lambda n: set_data(n, 'dense/w', np.zeros((5, 36), np.int8)), severity='warning', node=3, tensor='dense/w', loadable=True)
case('bias_cut_off', 'QG3120', 'data-out-of-range', lambda n: set_data(n, 'dense/b', np.array([1, -2**31, 3, 4, 5], np.int32)), severity='warning', node=3, tensor='dense/b',
     fix='needs_input', loadable=True)
case('range_of_another', 'QG3215', off, with_range, severity='warning', node=0, tensor='conv', fix='needs_input', loadable=True)
case('input_first', 'QG4203', 'shape-mismatch', lambda n: setattr(w2(n), 'shape', [36, 5]), node=3, tensor='dense/w', fix='likely')
case('one_scale_thrice', 'QG3104', bad, lambda n: n.named('conv').quantization.__dict__.update(scale=[0.1] * 3, zeroPoint=[-128] * 3, quantizedDimension=3), node=0, tensor='conv',
     fix='safe', loadable=True)
case('scale_of_reshape_lost', 'QG3201', 'missing-quantization', lambda n: setattr(n.named('flat'), 'quantization', None), node=2, tensor='flat', fix='likely')

def last_bias_of_floats(net):
    t = net.named('dense/b')
    set_data(net, 'dense/b', np.array([0.1, -0.2, 0.05, 0.3, -0.15], np.float32))
    t.type, t.quantization = s.TensorType.FLOAT32, None


case('float_bias_at_the_end', 'QG3109', 'dtype-contradiction', last_bias_of_floats, node=3, tensor='dense/b', fix='likely')

several('weight_scale_nan', 'stride_w_0', 'softmax')
several('int4_unpacked', 'one_channel', 'scales_lost')
several('weights_cut', 'bias_axis_3', 'padding_9')
several('weights_declared_float', 'weights_without_data', 'two_for_four')
several('scale_negative', 'depth_multiplier_5', 'float_bias')
several('dtype_77', 'bias_zero_point', 'version_99')
several('custom_op', 'weights_relabelled_uint8', 'input_first')
several('zero_point_300', 'depthwise_without_options', 'cleared')
(OUT / 'sound.tflite').write_bytes(network().pack())
# Buffer 0 stands for no data; the schema wants it empty, readers pass over what is there.
used = network()
used.model.buffers[0].data = np.arange(16, dtype=np.uint8)
(OUT / 'sound_buffer_0.tflite').write_bytes(used.pack())

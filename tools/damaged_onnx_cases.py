#!/usr/bin/env python3
"""Makes tests/diagnostics/<CODE>/<name>.onnx and .onnx.json: a small sound ONNX model with one fault each, and what must be said of it.

    python tools/damaged_onnx_cases.py

Needs onnx 1.23 and numpy. Development only: the tests read what it wrote. The models, both of random weights:
  qdq: x [1,2,6,6] -> Q, DQ -> Conv (3x3, 4 channels, weights and bias behind DQ, per channel) -> Relu -> Q, DQ -> MaxPool -> Flatten
       -> Gemm (weights and bias behind DQ) -> Q, DQ -> Softmax -> y
  qlinear: x -> Q -> QLinearConv -> QLinearConv -> DQ -> y
"""
import json, pathlib
import numpy as np
from onnx import TensorAnnotation, TensorProto as T, helper, numpy_helper

from case_files import Cases

OUT = pathlib.Path(__file__).parent.parent / 'tests' / 'diagnostics'
BAD, OFF, DTYPE = 'invalid-quantization', 'inconsistent-quantization', 'dtype-contradiction'


class Net:
    def __init__(self, qlinear):
        rng = np.random.default_rng(3)
        self.nodes, self.constants, self.infos, self.annotations = [], {}, [], []
        self.opset, self.ir, self.domains = 17, 8, {}
        weights = lambda *shape: rng.integers(-127, 128, shape).astype(np.int8)
        scales = (0.01 * (1 + np.arange(4))).astype(np.float32)
        bias = rng.integers(-99, 99, 4).astype(np.int32)
        self.scalar('x_s', 0.05), self.zero('x_z', 3)
        self.scalar('a_s', 0.1), self.zero('a_z', -128)
        self.add('w', weights(4, 2, 3, 3)), self.add('w_s', scales), self.add('w_z', np.zeros(4, np.int8))
        self.add('b', bias), self.add('b_s', np.float32(0.05) * scales), self.add('b_z', np.zeros(4, np.int32))
        conv = dict(kernel_shape=[3, 3], strides=[1, 1], dilations=[1, 1], pads=[1, 1, 1, 1], group=1)
        self.node('QuantizeLinear', 'x x_s x_z', 'x_q')
        if qlinear:
            self.add('v', weights(4, 4, 3, 3)), self.add('v_s', scales), self.add('v_z', np.zeros(4, np.int8))
            self.scalar('c_s', 0.3), self.zero('c_z', 5)
            self.node('QLinearConv', 'x_q x_s x_z w w_s w_z a_s a_z b', 'a_q', **conv)
            self.node('QLinearConv', 'a_q a_s a_z v v_s v_z c_s c_z b', 'c_q', **conv)
            self.node('DequantizeLinear', 'c_q c_s c_z', 'y')
            self.output = [1, 4, 6, 6]
            return
        self.node('DequantizeLinear', 'x_q x_s x_z', 'x_f')
        self.node('DequantizeLinear', 'w w_s w_z', 'w_f', axis=0)
        self.node('DequantizeLinear', 'b b_s b_z', 'b_f', axis=0)
        self.node('Conv', 'x_f w_f b_f', 'conv', **conv)
        self.node('Relu', 'conv', 'relu')
        self.node('QuantizeLinear', 'relu a_s a_z', 'a_q')
        self.node('DequantizeLinear', 'a_q a_s a_z', 'a_f')
        self.node('MaxPool', 'a_f', 'pool', kernel_shape=[2, 2], strides=[2, 2])
        self.node('Flatten', 'pool', 'flat', axis=1)
        self.add('f', weights(5, 36)), self.scalar('f_s', 0.02), self.zero('f_z', 0)
        self.add('g', rng.integers(-99, 99, 5).astype(np.int32)), self.scalar('g_s', float(np.float32(0.1) * np.float32(0.02))), self.add('g_z', np.int32(0))
        self.node('DequantizeLinear', 'f f_s f_z', 'f_f')
        self.node('DequantizeLinear', 'g g_s g_z', 'g_f')
        self.node('Gemm', 'flat f_f g_f', 'gemm', transB=1)
        self.scalar('d_s', 0.2), self.zero('d_z', 4)
        self.node('QuantizeLinear', 'gemm d_s d_z', 'd_q')
        self.node('DequantizeLinear', 'd_q d_s d_z', 'd_f')
        self.node('Softmax', 'd_f', 'y', axis=1)
        self.output = [1, 5]

    def add(self, name, array):
        self.constants[name] = numpy_helper.from_array(np.array(array), name)

    def scalar(self, name, value):
        self.add(name, np.float32(value))

    def zero(self, name, value):
        self.add(name, np.int8(value))

    def node(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs.split(), [output], name=f'n_{output}', **attributes))

    def at(self, output):
        return next(n for n in self.nodes if output in n.output)

    def index(self, output):
        return self.nodes.index(self.at(output))

    def own(self, output, position, array):
        """Gives a node an input of its own."""
        n = self.at(output)
        name = f'{n.input[position]}_of_{output}'
        self.add(name, array)
        n.input[position] = name

    def set(self, output, name, value):
        n = self.at(output)
        for a in [a for a in n.attribute if a.name == name]:
            n.attribute.remove(a)
        n.attribute.append(helper.make_attribute(name, value))

    def info(self, name, dtype, shape):
        self.infos.append(helper.make_tensor_value_info(name, dtype, shape))

    def annotate(self, tensor, scale, zero_point):
        a = TensorAnnotation(tensor_name=tensor)
        for key, value in (('SCALE_TENSOR', scale), ('ZERO_POINT_TENSOR', zero_point)):
            a.quant_parameter_tensor_names.add(key=key, value=value)
        self.annotations.append(a)

    def pack(self):
        graph = helper.make_graph(self.nodes, 'main', [helper.make_tensor_value_info('x', T.FLOAT, [1, 2, 6, 6])], [helper.make_tensor_value_info('y', T.FLOAT, self.output)],
                                  list(self.constants.values()), value_info=self.infos)
        graph.quantization_annotation.extend(self.annotations)
        opsets = [helper.make_opsetid('', self.opset)] + [helper.make_opsetid(d, v) for d, v in self.domains.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=self.ir, producer_name='test').SerializeToString()


CASES = Cases(OUT, '.onnx', '.onnx.json', lambda: Net(False))
several = CASES.several


def case(name, code, cause, damage, at=None, qlinear=False, **said):
    net = Net(qlinear)
    CASES.case(name, code, cause, damage, net, node=net.index(at) if at else None, **said)


def relabel(name, dtype):
    return lambda n: setattr(n.constants[name], 'data_type', dtype)


def quantize_removed(net):
    net.at('a_f').input[0] = 'relu'
    net.nodes.remove(net.at('a_q'))


def dequantize_removed(net):
    net.at('conv').input[1] = 'w'
    net.nodes.remove(net.at('w_f'))
    for name in ('w_s', 'w_z'):
        del net.constants[name]


def reverse(net, name):
    dims = list(net.constants[name].dims)
    del net.constants[name].dims[:]
    net.constants[name].dims.extend(dims[::-1])


def shorten(net, name):
    t = net.constants[name]
    t.raw_data = t.raw_data[: len(t.raw_data) // 2 + 1]


def rename(net):
    net.at('conv').op_type = 'ConvInteger8'


def exchange(net, output, i, k):
    n = net.at(output)
    n.input[i], n.input[k] = n.input[k], n.input[i]


def swap_nodes(net):
    i = net.index('pool')
    net.nodes[i], net.nodes[i + 1] = net.nodes[i + 1], net.nodes[i]


def drop_import(net):
    net.at('conv').domain = 'com.microsoft'


def quantize_bias_widely(net):
    net.add('g', np.array(numpy_helper.to_array(net.constants['g']), np.int64))

w_scale = lambda value: (lambda n: n.own('w_f', 1, np.array([0.01, value, 0.03, 0.04], np.float32)))


case('strides_text', 'QG2023', 'invalid-attribute', lambda n: n.set('conv', 'strides', 'one'), at='conv', attribute='strides')
case('pads_short', 'QG2023', 'invalid-attribute', lambda n: n.set('conv', 'pads', [1, 1]), at='conv', attribute='pads')
case('group_real', 'QG2023', 'invalid-attribute', lambda n: n.set('conv', 'group', 1.0), at='conv', attribute='group', fix='likely')
case('kernel_shape_5', 'QG2024', 'invalid-attribute', lambda n: n.set('conv', 'kernel_shape', [5, 5]), at='conv', attribute='kernel_shape', fix='safe', loadable=True)
case('group_3', 'QG2024', 'invalid-attribute', lambda n: n.set('conv', 'group', 3), at='conv', attribute='group')
case('stride_0', 'QG2022', 'invalid-attribute', lambda n: n.set('pool', 'strides', [0, 2]), at='pool', attribute='strides')
case('unknown_op', 'QG2001', 'unknown-op', rename, at='conv')
case('wrong_domain', 'QG2001', 'unknown-op', lambda n: setattr(n.at('conv'), 'domain', 'ai.onx'), at='conv', fix='likely')
case('opset_12', 'QG2011', 'unsupported-version', lambda n: setattr(n, 'opset', 12), at='w_f', attribute='axis', fix='likely')
case('opset_99', 'QG2013', 'unsupported-version', lambda n: setattr(n, 'opset', 99), severity='warning', attribute='opset_import', at='x_q', fix='likely', loadable=True)
case('unused_domain', 'QG2013', 'unsupported-version', lambda n: n.domains.update({'ai.onnx.ml': 9}), severity='warning', attribute='opset_import', fix='safe', loadable=True)
case('weights_uint8', 'QG3113', DTYPE, relabel('w', T.UINT8), at='w_f', tensor='w', fix='likely')
case('zero_point_int32', 'QG3113', DTYPE, lambda n: n.own('f_f', 2, np.int32(0)), severity='warning', at='f_f', tensor='f_z_of_f_f', fix='safe', loadable=True)
case('zero_point_float', 'QG3113', DTYPE, lambda n: n.own('a_q', 2, np.float32(-128)), severity='warning', at='a_q', tensor='a_z_of_a_q', fix='safe', loadable=True)
case('bias_int64', 'QG3113', DTYPE, quantize_bias_widely, at='g_f', tensor='g', fix='safe', loadable=True)
def retype(dtype, *names):
    """Stores constants in another dtype, with the same values."""
    def damage(net):
        for name in names:
            net.add(name, numpy_helper.to_array(net.constants[name]).astype(dtype))
    return damage


def one_zero_point(net):
    """Weights, bias and activations read one zero point, as wide as the bias."""
    net.add('f_z', np.int32(0))
    net.at('g_f').input[2] = net.at('d_q').input[2] = net.at('d_f').input[2] = 'f_z'


def newer_op(op, opset):
    def damage(net):
        net.opset = opset
        net.at('relu').op_type = op
    return damage


def two_dtypes(net):
    net.opset, net.ir = 21, 10
    net.set('a_q', 'output_dtype', T.UINT8)

case('zero_point_int32_of_q', 'QG3113', DTYPE, lambda n: n.own('a_q', 2, np.int32(-128)), severity='warning', at='a_q', tensor='a_z_of_a_q', fix='safe', loadable=True)
case('zero_point_shared', 'QG3113', DTYPE, one_zero_point, severity='warning', at='f_f', tensor='f_z', fix='safe', loadable=True)
case('zero_point_int32_of_pair', 'QG3121', DTYPE, retype(np.int32, 'a_z'), at='a_q', tensor='a_z', fix='likely')
case('zero_point_int64_of_pair', 'QG3121', DTYPE, retype(np.int64, 'a_z'), at='a_q', tensor='a_z', fix='likely')
case('zero_points_float', 'QG3121', DTYPE, retype(np.float32, 'x_z', 'a_z', 'd_z'), at='x_q', tensor='x_z', fix='likely')
case('zero_point_of_qlinearconv', 'QG3121', DTYPE, retype(np.int32, 'a_z'), at='a_q', tensor='a_z', fix='likely', qlinear=True)
case('output_dtype', 'QG3122', DTYPE, two_dtypes, severity='warning', at='a_q', attribute='output_dtype', fix='safe', loadable=True)
case('hard_swish_13', 'QG2011', 'unsupported-version', newer_op('HardSwish', 13), severity='warning', at='relu', fix='likely', loadable=True)
case('gelu_17', 'QG2011', 'unsupported-version', newer_op('Gelu', 17), severity='warning', at='relu', fix='likely', loadable=True)
case('saturate_17', 'QG2011', 'unsupported-version', lambda n: n.set('a_q', 'saturate', 1), severity='warning', at='a_q', attribute='saturate', fix='safe', loadable=True)
case('axis_of_one_scale', 'QG3104', BAD, lambda n: n.set('g_f', 'axis', 1), severity='warning', at='g_f', tensor='g', attribute='axis', fix='safe', loadable=True)
def names_made_identifiers(net):
    for name in ('w', 'f'):
        net.at(name + '_f').input[0] = 'layer/' + name
        net.constants[name].name = 'layer_' + name


def exchange_pair(net):
    net.at('a_q').op_type, net.at('a_f').op_type = 'DequantizeLinear', 'QuantizeLinear'


def scale_list(net):
    net.info('relu', T.FLOAT, [1, 4, 6, 6])
    net.own('a_f', 1, np.full(3, 0.1, np.float32))


def change(name, how):
    return lambda net: net.add(name, how(numpy_helper.to_array(net.constants[name])))

case('scales_of_rank_4', 'QG3124', BAD, lambda n: n.own('w_f', 1, numpy_helper.to_array(n.constants['w_s']).reshape(4, 1, 1, 1)), severity='warning', at='w_f', tensor='w', fix='safe', loadable=True)
case('trans_b_dropped', 'QG2024', 'invalid-attribute', lambda n: n.at('gemm').attribute.pop(), at='gemm', attribute='transB', fix='likely')
case('weights_ohwi', 'QG4203', 'shape-mismatch', change('w', lambda w: w.transpose(0, 2, 3, 1)), at='conv', tensor='w', fix='likely')
case('names_made_identifiers', 'QG4001', 'dangling-reference', names_made_identifiers, at='w_f', tensor='layer/w', fix='likely')
case('pair_exchanged', 'QG3114', 'missing-conversion', exchange_pair, at='a_q', tensor='relu', fix='likely')
case('zero_point_uint8_of_dq', 'QG3113', DTYPE, lambda n: n.own('a_f', 2, np.uint8(0)), at='a_f', tensor='a_z_of_a_f', fix='likely')
case('equal_scales_of_activation', 'QG3104', BAD, scale_list, at='a_f', tensor='a_q', fix='safe', loadable=True)
case('weight_scales_inverted', 'QG3218', OFF, change('w_s', lambda s: 1 / s), severity='warning', at='conv', tensor='w', fix='likely', loadable=True)
case('input_scale_inverted', 'QG3218', OFF, change('x_s', lambda s: 1 / s), severity='warning', at='conv', tensor='x_q', fix='likely', loadable=True)
case('bias_scale_of_weights', 'QG3206', OFF, lambda n: n.own('b_f', 1, numpy_helper.to_array(n.constants['w_s'])), severity='warning', at='b_f', tensor='b', fix='likely', loadable=True)
case('bias_big_endian', 'QG3123', 'data-out-of-range', change('b', lambda b: b.byteswap()), at='b_f', tensor='b', fix='likely', loadable=True)
def high_bits_first(net):
    """4-bit weights [36, 5], a scale for each column, each of which has one 7; packed with the first element in the high bits."""
    net.opset, net.ir = 21, 10
    right = np.random.default_rng(4).integers(-6, 7, (36, 5))
    for row, column in ((2, 0), (5, 1), (7, 2), (8, 3), (10, 4)):
        right[row, column] = 7
    pairs = right.reshape(-1, 2) & 15
    net.constants['f'] = helper.make_tensor('f', T.INT4, [36, 5], (pairs[:, 0] << 4 | pairs[:, 1]).astype(np.uint8).tobytes(), raw=True)
    net.constants['f_z'] = helper.make_tensor('f_z', T.INT4, [5], bytes(3), raw=True)
    net.add('f_s', np.full(5, 0.02, np.float32))
    net.set('f_f', 'axis', 1)
    net.at('gemm').attribute.pop()

case('high_bits_first', 'QG3125', 'data-out-of-range', high_bits_first, severity='warning', at='f_f', tensor='f', fix='likely', loadable=True)
def elements(net, twice):
    t = net.constants['f']
    w = numpy_helper.to_array(t).reshape(-1)
    if twice:
        return t.int32_data.extend(int(v) for v in w)
    t.ClearField('raw_data')
    t.float_data.extend(w.astype(np.float32))

case('stored_twice', 'QG4204', 'duplicate-definition', lambda n: elements(n, True), severity='warning', tensor='f', fix='safe', loadable=True)
case('in_float_data', 'QG4204', DTYPE, lambda n: elements(n, False), severity='warning', tensor='f', fix='safe', loadable=True)
case('weights_float', 'QG3101', DTYPE, relabel('w', T.FLOAT), at='w_f', tensor='w', fix='likely')
case('bias_float', 'QG3114', DTYPE, relabel('b', T.FLOAT), at='b_f', tensor='b', fix='likely')
case('quantize_removed', 'QG3114', 'missing-conversion', quantize_removed, at='a_q', tensor='relu', fix='likely')
case('dequantize_removed', 'QG3111', 'missing-conversion', dequantize_removed, tensor='w', fix='likely')


def dequantize_removed_but_annotated(net):
    net.at('conv').input[1] = 'w'
    net.nodes.remove(net.at('w_f'))
    net.at('conv').input.pop()
    net.annotate('w', 'w_s', 'w_z')

case('annotated', 'QG3111', 'missing-conversion', dequantize_removed_but_annotated, tensor='w', fix='likely')

case('scale_double', 'QG3115', DTYPE, lambda n: n.own('f_f', 1, np.float64(0.02)), at='f_f', tensor='f_s_of_f_f', fix='likely')
case('scale_half', 'QG3115', DTYPE, lambda n: n.own('d_f', 1, np.float16(0.2)), at='d_f', tensor='d_s_of_d_f', fix='safe', loadable=True)
case('no_zero_point', 'QG3116', DTYPE, lambda n: n.at('a_q').input.pop(), at='a_q', tensor='a_q', fix='likely')
case('stale_value', 'QG3112', DTYPE, lambda n: n.info('conv', T.INT8, [1, 4, 6, 6]), severity='warning', at='conv', tensor='conv', fix='safe', loadable=True)
case('axis_1', 'QG3104', BAD, lambda n: n.set('w_f', 'axis', 1), at='w_f', tensor='w', fix='safe', loadable=True)
case('axis_9', 'QG3104', BAD, lambda n: n.set('w_f', 'axis', 9), at='w_f', tensor='w', fix='safe', loadable=True)


def blocks(net):
    net.opset, net.ir = 21, 10
    net.add('f_s', np.full((5, 9), 0.02, np.float32)), net.add('f_z', np.zeros((5, 9), np.int8))
    net.set('f_f', 'block_size', 4), net.set('f_f', 'axis', 0)

case('blocks_along_0', 'QG3119', BAD, blocks, at='f_f', tensor='f', fix='safe', loadable=True)
case('scale_lost', 'QG3104', BAD, lambda n: n.own('w_f', 1, np.array([0.01, 0.02, 0.03], np.float32)), at='w_f', tensor='w', fix='likely')
case('scale_nan', 'QG3202', BAD, w_scale(np.nan), at='w_f', tensor='w_s_of_w_f', fix='likely')
case('scale_0_of_pair', 'QG3202', BAD, lambda n: n.own('d_q', 1, np.float32(0)), at='d_q', tensor='d_s_of_d_q', fix='likely')
case('pair', 'QG3213', OFF, lambda n: n.own('a_q', 1, np.float32(0.4)), severity='warning', at='a_f', tensor='a_q', fix='needs_input', loadable=True)
case('bias_zero_point', 'QG3214', BAD, lambda n: n.own('g_f', 2, np.int32(4)), severity='warning', at='g_f', tensor='g', fix='likely', loadable=True)
case('bias_scale', 'QG3206', OFF, lambda n: n.own('b_f', 1, np.float32(0.3) * np.float32(0.01) * (1 + np.arange(4, dtype=np.float32))), severity='warning', at='b_f', tensor='b', fix='likely',
     loadable=True)
case('no_scale', 'QG3212', 'missing-quantization', lambda n: n.at('w_f').input.__setitem__(1, ''), at='w_f', tensor='w', fix='likely')
case('exchanged_parameters', 'QG3211', BAD, lambda n: exchange(n, 'a_q', 6, 7), at='a_q', tensor='a_z', fix='likely', qlinear=True)
case('exchanged_operands', 'QG4024', 'shape-mismatch', lambda n: exchange(n, 'conv', 0, 1), at='conv', tensor='w_f', fix='likely')
case('exchanged_integers', 'QG4024', 'shape-mismatch', lambda n: exchange(n, 'a_q', 0, 3), at='a_q', tensor='w', fix='likely', qlinear=True)
case('dims_reversed', 'QG4203', 'shape-mismatch', lambda n: reverse(n, 'w'), at='conv', tensor='w', fix='likely')
case('data_cut', 'QG4201', 'data-size-mismatch', lambda n: shorten(n, 'f'), at='f_f', tensor='f')
case('pool_first', 'QG4023', 'wrong-order', swap_nodes, severity='warning', at='pool', fix='safe', loadable=True)
case('two_makers', 'QG4021', 'duplicate-definition', lambda n: n.at('pool').output.__setitem__(0, 'relu'), at='pool', tensor='relu')
case('lost_input', 'QG4001', 'dangling-reference', lambda n: n.at('relu').input.__setitem__(0, 'nobody'), at='relu', tensor='nobody')


class FloatNet(Net):
    """x -> Conv -> Relu -> MaxPool -> Flatten -> Gemm -> Softmax -> y, in float."""
    def __init__(self):
        rng = np.random.default_rng(3)
        self.nodes, self.constants, self.infos, self.annotations = [], {}, [], []
        self.opset, self.ir, self.domains = 17, 8, {}
        self.add('w', rng.normal(size=(4, 2, 3, 3)).astype(np.float32)), self.add('b', rng.normal(size=4).astype(np.float32))
        self.add('f', rng.normal(size=(5, 36)).astype(np.float32)), self.add('g', rng.normal(size=5).astype(np.float32))
        self.node('Conv', 'x w b', 'conv', kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        self.node('Relu', 'conv', 'relu')
        self.node('MaxPool', 'relu', 'pool', kernel_shape=[2, 2], strides=[2, 2])
        self.node('Flatten', 'pool', 'flat', axis=1)
        self.node('Gemm', 'flat f g', 'gemm', transB=1)
        self.node('Softmax', 'gemm', 'y', axis=1)
        self.output = [1, 5]


def beside(name, encodings):
    CASES.case(name, 'QG3126', 'missing-quantization', lambda n: None, FloatNet(), severity='warning', tensor='x', fix='likely', loadable=True)
    (OUT / 'QG3126' / (name + '.encodings')).write_text(json.dumps(encodings, indent=1) + '\n')


one = lambda scale, offset, bits=8: dict(bitwidth=bits, dtype='int', is_symmetric='False', scale=scale, offset=offset)
beside('version_0_6', dict(version='0.6.1', activation_encodings={'x': [one(0.05, -131)], 'relu': [one(0.02, 0)], 'y': [one(1 / 255, 0)], 'gone': [one(1, 0)]},
                           param_encodings={'w': [one(0.01 * (1 + i), -128) for i in range(4)], 'f': [one(0.02, -128)], 'g': [dict(bitwidth=16, dtype='float')]}))
per = lambda name, scales, offset: dict(name=name, enc_type='PER_CHANNEL' if len(scales) > 1 else 'PER_TENSOR', dtype='INT', bw=8, is_sym=True, scale=scales, offset=[offset] * len(scales))
beside('version_1', dict(version='1.0.0', activation_encodings=[per('x', [0.05], -131), per('gemm', [0.1], -120)], param_encodings=[per('w', [0.01, 0.02, 0.03, 0.04], -128)]))
beside('version_2', dict(version='2.0.0', encodings=[dict(name='x', output_dtype='uint8', y_scale=0.05, y_zero_point=131), dict(name='f', output_dtype='int8', y_scale=[0.01] * 5, axis=0)]))
def narrow(net, name):
    """As int4: the same bytes, cut to what 4 bits hold."""
    values = np.clip(numpy_helper.to_array(net.constants[name]) // 16, -8, 7)
    net.constants[name] = helper.make_tensor(name, T.INT4, values.shape, values.flatten().tolist())
    net.opset, net.ir = 21, 10


def quantize_of_qlinear_removed(net):
    net.at('a_q').input[0] = 'x'
    net.nodes.remove(net.at('x_q'))


def dequantize_too_many(net):
    net.nodes.insert(1, helper.make_node('DequantizeLinear', ['x_q', 'x_s', 'x_z'], ['x_f'], name='n_x_f'))
    net.at('a_q').input[0] = 'x_f'


def weights_in_floats(net):
    net.add('v', numpy_helper.to_array(net.constants['v']) * numpy_helper.to_array(net.constants['v_s']).reshape(4, 1, 1, 1))


def repeated(output, scale, zero, value, z, n):
    def damage(net):
        net.own(output, scale, np.full(n, value, np.float32))
        net.own(output, zero, np.full(n, z, np.int8))
    return damage

case('qlinear_reads_input', 'QG3130', 'missing-conversion', quantize_of_qlinear_removed, tensor='x', fix='likely', qlinear=True)
case('qlinear_reads_dequantized', 'QG3130', 'missing-conversion', dequantize_too_many, tensor='x_f', fix='safe', loadable=True, qlinear=True)
case('qlinear_float_weights', 'QG3130', 'missing-conversion', weights_in_floats, at='c_q', tensor='v', fix='likely', qlinear=True)
case('int4_weights', 'QG3131', 'unsupported-dtype', lambda n: narrow(n, 'v'), at='c_q', tensor='v', fix='safe', loadable=True, qlinear=True)
case('output_scales_repeated', 'QG3132', BAD, repeated('c_q', 6, 7, 0.3, 5, 4), at='c_q', tensor='c_s_of_c_q', fix='safe', loadable=True, qlinear=True)
case('input_scales_repeated', 'QG3132', BAD, repeated('a_q', 1, 2, 0.05, 3, 2), at='a_q', tensor='x_s_of_a_q', fix='safe', loadable=True, qlinear=True)


def vendor(op, name):
    def damage(net):
        for n in net.nodes:
            if n.op_type == op:
                n.op_type, n.domain = name, 'com.vendor'
        net.domains['com.vendor'] = 1
    return damage


def integers_added(net):
    net.add('k', np.zeros(36, np.int32))
    net.nodes.insert(net.index('gemm'), helper.make_node('Add', ['k', 'flat'], ['flat_k'], name='n_flat_k'))
    net.at('gemm').input[0] = 'flat_k'

case('vendor_quantize', 'QG2001', 'unknown-op', vendor('QuantizeLinear', 'TRT_Quantize'), at='x_q', fix='likely')
case('vendor_dequantize', 'QG2001', 'unknown-op', vendor('DequantizeLinear', 'VendorDQ'), at='x_f', fix='likely')
case('integers_beside_floats', 'QG3133', 'missing-conversion', integers_added, tensor='k', fix='likely')


def weights_transposed(net):
    """Twice, so that the values are those of the sound model; the axis is that of the shape between the two."""
    for n, name, source, perm in ((0, 'w_1', 'w', [2, 3, 1, 0]), (1, 'w_2', 'w_1', [3, 2, 0, 1])):
        net.nodes.insert(n, helper.make_node('Transpose', [source], [name], name=f'n_{name}', perm=perm))
    net.at('w_f').input[0] = 'w_2'
    net.set('w_f', 'axis', 3)

case('axis_behind_transposes', 'QG3104', BAD, weights_transposed, tensor='w_2', fix='safe', loadable=True)


def flat_factor(net):
    net.add('per_channel', np.ones(4, np.float32))
    net.nodes.insert(net.index('relu'), helper.make_node('Mul', ['conv', 'per_channel'], ['conv_s'], name='n_conv_s'))
    net.at('relu').input[0] = 'conv_s'

case('factor_for_each_channel', 'QG3134', 'shape-mismatch', flat_factor, tensor='per_channel', fix='likely')


several('scale_nan', 'bias_int64', 'stale_value')
several('weights_float', 'scale_0_of_pair', 'stride_0')
several('scale_lost', 'data_cut', 'unused_domain')
several('axis_1', 'bias_zero_point', 'quantize_removed')
several('kernel_shape_5', 'zero_point_int32', 'no_zero_point')
several('bias_float', 'scale_double', 'lost_input')
several('no_scale', 'pair', 'bias_int64')
several('weights_uint8', 'pads_short', 'scale_half')
sound = Net(False)
for t in ('w', 'f', 'x_q', 'relu'):
    sound.annotate(t, {'x_q': 'x_s', 'relu': 'a_s'}.get(t, t + '_s'), {'x_q': 'x_z', 'relu': 'a_z'}.get(t, t + '_z'))
(OUT / 'sound.onnx').write_bytes(sound.pack())
(OUT / 'sound_qlinear.onnx').write_bytes(Net(True).pack())

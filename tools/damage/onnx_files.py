"""Faults of ONNX files, one function each: it damages the model and says the truth of it, or gives None where the model has no place for it."""
import numpy as np
import onnx
from onnx import TensorProto as T, helper, numpy_helper

BAD, OFF, DTYPE = 'invalid-quantization', 'inconsistent-quantization', 'dtype-contradiction'
QLINEAR = {'QLinearConv': dict(x=0, w=3, b=8), 'QLinearMatMul': dict(x=0, w=3, b=None), 'QGemm': dict(x=0, w=3, b=6)}
BITS_8 = (T.INT8, T.UINT8)


def read(path):
    return onnx.load(str(path))


def write(model, path):
    path.write_bytes(model.SerializeToString())


class Net:
    def __init__(self, model):
        self.model, self.graph = model, model.graph
        self.nodes = self.graph.node
        self.constants = {t.name: t for t in self.graph.initializer}

    def array(self, name):
        return numpy_helper.to_array(self.constants[name])

    def set_array(self, name, array):
        self.constants[name].CopyFrom(numpy_helper.from_array(np.array(array, order='C'), name))

    def of(self, *ops):
        return [(i, n) for i, n in enumerate(self.nodes) if n.op_type in ops]

    def maker(self, name):
        return next(((i, n) for i, n in enumerate(self.nodes) if name in n.output), (None, None))

    def readers(self, name):
        return [(i, n) for i, n in enumerate(self.nodes) if name in n.input]

    def pick(self, found, rng):
        return found[rng.integers(len(found))] if found else (None, None)

    def weights_dq(self, rng, per_channel=None, bias=False, need_bias=False):
        """A DequantizeLinear of constant weights (or of a bias) that one Conv, Gemm or MatMul reads."""
        found = []
        for i, n in self.of('DequantizeLinear'):
            if n.input[0] not in self.constants or n.input[1] not in self.constants or len(n.input) < 3 or not n.input[2]:
                continue
            many = self.array(n.input[1]).size > 1
            readers = self.readers(n.output[0])
            is_bias = self.constants[n.input[0]].data_type == T.INT32
            if len(readers) != 1 or readers[0][1].op_type not in ('Conv', 'Gemm', 'MatMul') or is_bias != bias or (per_channel is not None and many != per_channel):
                continue
            if len(self.array(n.input[1]).shape) > 1 or (not is_bias and self.constants[n.input[0]].data_type not in BITS_8):
                continue
            r = readers[0][1]
            if need_bias and (len(r.input) < 3 or self.maker(r.input[2])[1] is None):
                continue
            if sum(n.input[1] in m.input for m in self.nodes) > 1 and not is_bias:
                continue
            found.append((i, n))
        return self.pick(found, rng)

    def activation_pair(self, rng, where=lambda q, dq: True):
        """A QuantizeLinear and the only DequantizeLinear behind it."""
        found = []
        for i, q in self.of('QuantizeLinear'):
            readers = self.readers(q.output[0])
            if len(readers) == 1 and readers[0][1].op_type == 'DequantizeLinear' and where(q, readers[0][1]):
                found.append((i, q, readers[0][0], readers[0][1]))
        return found[rng.integers(len(found))] if found else (None, None, None, None)

    def own(self, node, position, array):
        """Gives a node an input of its own with these values."""
        name = f'{node.input[position]}_changed'
        self.graph.initializer.append(numpy_helper.from_array(np.array(array, order='C'), name))
        self.constants[name] = self.graph.initializer[-1]
        node.input[position] = name
        return name

    def truth(self, cause, what, tensor=None, node=None, repair=None, note='', family='attribute'):
        t = dict(cause=[cause] if isinstance(cause, str) else list(cause), what=what, family=family, repair=repair, note=note)
        if tensor is not None:
            t['tensor'] = tensor
        if node is not None:
            t['node'] = dict(index=int(node), name=self.nodes[node].name, output=self.nodes[node].output[0])
        return t


def scale_of_pair(value, where):
    """The scale of a Q/DQ pair at one of its two nodes; the other still has it."""
    def damage(net, rng):
        i, q, k, dq = net.activation_pair(rng, lambda q, dq: q.input[1] in net.constants)
        if q is None:
            return None
        node, at = (q, i) if where == 'q' else (dq, k)
        net.own(node, 1, np.full_like(net.array(node.input[1]), value))
        return net.truth([BAD, OFF], f'scale of the {where.upper()} alone is {value}', q.output[0], at, 'lossless', 'the other node of the pair')
    return damage


def scale_differs(net, rng):
    i, q, k, dq = net.activation_pair(rng, lambda q, dq: q.input[1] in net.constants)
    if q is None:
        return None
    net.own(dq, 1, net.array(dq.input[1]) * np.float32(3))
    return net.truth([OFF, BAD], 'DQ scale is 3 times the Q scale', q.output[0], k, None, 'one of the two')


def zero_point_differs(net, rng):
    i, q, k, dq = net.activation_pair(rng, lambda q, dq: len(dq.input) > 2 and dq.input[2] in net.constants)
    if q is None:
        return None
    z = net.array(dq.input[2])
    net.own(dq, 2, (z.astype(np.int64) + (5 if z.max() < 100 else -5)).astype(z.dtype))
    return net.truth([OFF, BAD], 'DQ zero point is another than the Q zero point', q.output[0], k, None, 'one of the two')


def weight_scale(value):
    def damage(net, rng):
        i, n = net.weights_dq(rng, need_bias=True)
        if n is None:
            return None
        s = net.array(n.input[1]).copy()
        s.reshape(-1)[rng.integers(s.size)] = value
        net.own(n, 1, s)
        return net.truth(BAD, f'a weight scale is {value}', n.input[0], i, 'lossless', 'bias scale / input scale')
    return damage


def bias_scale_nan(net, rng):
    i, n = net.weights_dq(rng, bias=True)
    if n is None:
        return None
    net.own(n, 1, np.full_like(net.array(n.input[1]), np.nan))
    return net.truth(BAD, 'bias scales are NaN', n.input[0], i, 'lossless', 'input scale * weight scale')


def axis(value):
    def damage(net, rng):
        i, n = net.weights_dq(rng, per_channel=True)
        if n is None:
            return None
        for a in list(n.attribute):
            if a.name == 'axis':
                n.attribute.remove(a)
        n.attribute.append(helper.make_attribute('axis', value))
        return net.truth([BAD, 'invalid-attribute'], f'axis is {value}', n.input[0], i, 'lossless', 'the only axis of that length')
    return damage


def scale_short(net, rng):
    i, n = net.weights_dq(rng, per_channel=True, need_bias=True)
    if n is None:
        return None
    net.own(n, 1, net.array(n.input[1])[:-1])
    return net.truth([BAD, 'shape-mismatch'], 'one scale is lost', n.input[0], i, 'lossless', 'bias scale / input scale')


def zero_points_short(net, rng):
    i, n = net.weights_dq(rng, per_channel=True)
    if n is None:
        return None
    net.own(n, 2, net.array(n.input[2])[:2])
    return net.truth([BAD, 'shape-mismatch'], 'two zero points for all scales', n.input[0], i, 'lossless', 'all are equal')


def zero_point_float(net, rng):
    i, q, k, dq = net.activation_pair(rng, lambda q, dq: len(q.input) > 2 and q.input[2] in net.constants)
    if q is None:
        return None
    net.own(q, 2, net.array(q.input[2]).astype(np.float32))
    return net.truth([DTYPE, BAD], 'zero point stored as float', q.output[0], i, 'lossless', 'whole numbers', family='metadata')


def zero_point_int32(net, rng):
    i, n = net.weights_dq(rng)
    if n is None:
        return None
    net.own(n, 2, net.array(n.input[2]).astype(np.int32))
    return net.truth([DTYPE, BAD], 'zero point of weights stored as int32', n.input[0], i, 'lossless', 'whole numbers', family='metadata')


def zero_point_omitted(net, rng):
    i, q, k, dq = net.activation_pair(rng, lambda q, dq: len(q.input) > 2 and q.input[2] in net.constants and net.constants[q.input[2]].data_type == T.INT8)
    if q is None:
        return None
    del q.input[2:]
    return net.truth([DTYPE, OFF, BAD], 'QuantizeLinear without its int8 zero point', q.output[0], i, 'lossless', 'the DQ has it', family='metadata')


def scale_half(net, rng):
    i, n = net.weights_dq(rng)
    if n is None:
        return None
    net.own(n, 1, net.array(n.input[1]).astype(np.float64))
    return net.truth([DTYPE, 'unsupported-dtype', BAD], 'scale stored as float64', n.input[0], i, 'lossless', 'the same values', family='metadata')


def declared(to, bias=False):
    def damage(net, rng):
        i, n = net.weights_dq(rng, bias=bias)
        if n is None or net.constants[n.input[0]].data_type == to:
            return None
        net.constants[n.input[0]].data_type = to
        return net.truth([DTYPE, 'data-size-mismatch'], f'initializer declared as type {to}', n.input[0], i, 'lossless', 'bytes and zero point', family='metadata')
    return damage


def dims_permuted(net, rng):
    i, n = net.weights_dq(rng, per_channel=True)
    if n is None or len(set(net.constants[n.input[0]].dims)) < 2:
        return None
    t = net.constants[n.input[0]]
    dims = list(t.dims)
    del t.dims[:]
    t.dims.extend(reversed(dims))
    if dims == list(t.dims):
        return None
    return net.truth(['shape-mismatch', BAD, 'data-size-mismatch'], 'weights dims reversed', n.input[0], i, None, family='metadata')


def raw_data_truncated(net, rng):
    i, n = net.weights_dq(rng)
    if n is None or not net.constants[n.input[0]].raw_data:
        return None
    t = net.constants[n.input[0]]
    t.raw_data = t.raw_data[: len(t.raw_data) // 2]
    return net.truth('data-size-mismatch', 'half of the weights is gone', n.input[0], i, None, family='structure')


def initializer_twice(net, rng):
    i, n = net.weights_dq(rng)
    if n is None:
        return None
    t = net.graph.initializer.add()
    t.CopyFrom(net.constants[n.input[0]])
    t.raw_data = bytes(len(t.raw_data))
    return net.truth('duplicate-definition', 'two initializers of one name', n.input[0], i, None, family='structure')


def input_renamed(net, rng):
    i, n = net.pick(net.of('Conv', 'Gemm', 'MatMul', 'QLinearConv'), rng)
    if n is None:
        return None
    n.input[1] = 'nobody_makes_this'
    return net.truth('dangling-reference', 'an input that nothing makes', 'nobody_makes_this', i, None, family='structure')


def output_renamed(net, rng):
    i, n = net.pick([x for x in net.of('Relu', 'Conv', 'QLinearConv', 'MatMul') if net.readers(x[1].output[0])], rng)
    if n is None:
        return None
    lost, reader = n.output[0], net.readers(n.output[0])[0][0]
    n.output[0] = 'renamed'
    return net.truth('dangling-reference', 'an output was renamed', lost, reader, None, family='structure')


def graph_output_dangling(net, rng):
    net.graph.output[0].name = 'nobody_makes_this'
    return net.truth('dangling-reference', 'a graph output that nothing makes', 'nobody_makes_this', None, None, family='structure')


def two_makers(net, rng):
    if len(net.nodes) < 4:
        return None
    i = int(rng.integers(1, len(net.nodes) - 2))
    if net.nodes[i].output[0] in [o.name for o in net.graph.output]:
        return None
    net.nodes[i].output[0] = net.nodes[i - 1].output[0]
    return net.truth(['duplicate-definition', 'dangling-reference', 'cycle'], 'two nodes make one value', net.nodes[i - 1].output[0], i, None, family='structure')


def nodes_reversed(net, rng):
    nodes = [onnx.NodeProto() for _ in net.nodes]
    for a, b in zip(nodes, reversed(list(net.nodes))):
        a.CopyFrom(b)
    if len(nodes) < 3:
        return None
    del net.graph.node[:]
    net.graph.node.extend(nodes)
    net.nodes = net.graph.node
    return net.truth('wrong-order', 'all nodes in reverse', None, None, 'lossless', 'sorted', family='structure')


def cycle(net, rng):
    for i, n in net.of('Relu', 'Conv', 'QLinearConv', 'Add', 'MatMul'):
        for k, reader in net.readers(n.output[0]):
            if reader.output and reader.output[0] and n.input[0] not in net.constants:
                n.input[0] = reader.output[0]
                return net.truth('cycle', 'a node reads what follows from it', None, i, None, family='structure')
    return None


def attribute(ops, name, value, cause='invalid-attribute', repair=None):
    def damage(net, rng):
        i, n = net.pick([x for x in net.of(*ops) if any(a.name == name for a in x[1].attribute) or name in ('group',)], rng)
        if n is None:
            return None
        for a in list(n.attribute):
            if a.name == name:
                n.attribute.remove(a)
        n.attribute.append(helper.make_attribute(name, value))
        return net.truth(cause, f'{name} = {value}', None, i, repair, 'weights', family='attribute')
    return damage


def attribute_of_other_type(net, rng):
    i, n = net.pick([x for x in net.of('Conv', 'QLinearConv', 'MaxPool') if any(a.name == 'strides' for a in x[1].attribute)], rng)
    if n is None:
        return None
    for a in list(n.attribute):
        if a.name == 'strides':
            n.attribute.remove(a)
    n.attribute.append(helper.make_attribute('strides', 'two'))
    return net.truth('invalid-attribute', 'strides is a text', None, i, None, family='attribute')


def perm_wrong(net, rng):
    i, n = net.pick([x for x in net.of('Transpose') if any(a.name == 'perm' for a in x[1].attribute)], rng)
    if n is None:
        return None
    for a in n.attribute:
        if a.name == 'perm':
            a.ints[0] = a.ints[1]
    return net.truth('invalid-attribute', 'perm names an axis twice', None, i, None, family='attribute')


def opset_newer(net, rng):
    for o in net.model.opset_import:
        if o.domain in ('', 'ai.onnx'):
            o.version = 99
    return net.truth('unsupported-version', 'opset 99', None, None, None, family='metadata')


def domain_typo(net, rng):
    i, n = net.pick(net.of('Relu', 'Conv', 'MatMul', 'QLinearConv'), rng)
    if n is None:
        return None
    n.domain = 'ai.onx'
    return net.truth(['unknown-op', 'unsupported-version'], 'a domain that nobody knows', None, i, 'lossless', 'the op of ai.onnx', family='metadata')


def op_typo(net, rng):
    i, n = net.pick(net.of('Conv', 'MatMul', 'QLinearConv'), rng)
    if n is None:
        return None
    n.op_type = n.op_type + 'V2'
    return net.truth('unknown-op', 'an op that nobody knows', None, i, None, family='structure')


def quantize_removed(net, rng):
    i, q, k, dq = net.activation_pair(rng, lambda q, dq: q.input[0] not in net.constants and q.input[0] not in [v.name for v in net.graph.input])
    if q is None:
        return None
    dq.input[0] = q.input[0]
    net.graph.node.remove(q)
    k = next(j for j, n in enumerate(net.nodes) if n is dq or n.output[0] == dq.output[0])
    return net.truth([DTYPE, 'missing-conversion'], 'QuantizeLinear removed: DequantizeLinear reads floats', dq.input[0], k, 'lossless', 'the parameters of the DQ', family='structure')


def weights_as_float(net, rng):
    i, n = net.weights_dq(rng)
    if n is None:
        return None
    reader_index, reader = net.readers(n.output[0])[0]
    for p, name in enumerate(reader.input):
        if name == n.output[0]:
            reader.input[p] = n.input[0]
    net.graph.node.remove(n)
    k = next(j for j, m in enumerate(net.nodes) if m.output[0] == reader.output[0])
    return net.truth([DTYPE, 'missing-conversion'], 'a float op reads int8 weights', n.input[0], k, None, family='structure')


def value_info_shape(net, rng):
    i, n = net.pick(net.of('Conv', 'QLinearConv'), rng)
    if n is None:
        return None
    name = n.output[0]
    for v in list(net.graph.value_info):
        if v.name == name:
            net.graph.value_info.remove(v)
    kind = T.FLOAT if n.op_type == 'Conv' else net.constants[n.input[7]].data_type
    net.graph.value_info.append(helper.make_tensor_value_info(name, kind, [1, 999, 3, 3]))
    return net.truth('shape-mismatch', 'value_info with another shape', name, i, 'lossless', 'shapes follow', family='metadata')


def value_info_dtype(net, rng):
    i, n = net.pick(net.of('Conv', 'MatMul', 'Relu', 'Gemm'), rng)
    if n is None:
        return None
    name = n.output[0]
    for v in list(net.graph.value_info):
        if v.name == name:
            net.graph.value_info.remove(v)
    net.graph.value_info.append(helper.make_tensor_value_info(name, T.INT8, None))
    return net.truth(DTYPE, 'value_info says int8 of a float', name, i, 'lossless', 'types follow', family='metadata')


def graph_output_dtype(net, rng):
    t = net.graph.output[0].type.tensor_type
    t.elem_type = T.INT8 if t.elem_type == T.FLOAT else T.FLOAT
    i, n = net.maker(net.graph.output[0].name)
    return net.truth(DTYPE, 'the graph output is declared with another dtype', net.graph.output[0].name, i, 'lossless', 'what its node makes', family='metadata')


def qlinear_scale(value):
    def damage(net, rng):
        i, n = net.pick([x for x in net.of('QLinearConv') if x[1].input[1] in net.constants], rng)
        if n is None:
            return None
        net.own(n, 4, np.full_like(net.array(n.input[4]), value))
        return net.truth(BAD, f'weight scales of QLinearConv are {value}', n.input[3], i, None)
    return damage


def qlinear_zero_point_dtype(net, rng):
    i, n = net.pick([x for x in net.of('QLinearConv') if x[1].input[2] in net.constants], rng)
    if n is None:
        return None
    z = net.array(n.input[2])
    net.own(n, 2, z.astype(np.float32))
    return net.truth([DTYPE, BAD], 'x_zero_point of QLinearConv is float', n.input[0], i, 'lossless', 'dtype of x', family='metadata')


def qlinear_operands_exchanged(net, rng):
    i, n = net.pick([x for x in net.of('QLinearConv') if len(x[1].input) > 6], rng)
    if n is None:
        return None
    n.input[0], n.input[3] = n.input[3], n.input[0]
    return net.truth(['shape-mismatch', DTYPE, BAD, OFF], 'x and w exchanged', None, i, 'lossless', 'constant weights', family='structure')


def qlinear_scale_and_zero_point(net, rng):
    i, n = net.pick(net.of('QLinearConv', 'QLinearMatMul'), rng)
    if n is None:
        return None
    n.input[6], n.input[7] = n.input[7], n.input[6]
    return net.truth([DTYPE, BAD], 'y_scale and y_zero_point exchanged', None, i, 'lossless', 'dtypes tell', family='structure')


def bias_long(net, rng):
    i, n = net.weights_dq(rng, bias=True)
    if n is None:
        return None
    net.constants[n.input[0]].data_type = T.INT64
    t = net.constants[n.input[0]]
    t.raw_data = np.frombuffer(t.raw_data, np.int32).astype(np.int64).tobytes()
    return net.truth([DTYPE, 'unsupported-dtype'], 'bias widened to int64', n.input[0], i, 'lossless', 'fits int32', family='metadata')


FAULTS = dict(
    scale_of_q_zero=scale_of_pair(0.0, 'q'), scale_of_dq_nan=scale_of_pair(np.nan, 'dq'), scale_of_dq_inf=scale_of_pair(np.inf, 'dq'), scale_of_q_negative=scale_of_pair(-0.1, 'q'),
    scale_differs=scale_differs, zero_point_differs=zero_point_differs, weight_scale_zero=weight_scale(0.0), weight_scale_inf=weight_scale(np.inf),
    weight_scale_negative=weight_scale(-0.02), bias_scale_nan=bias_scale_nan, axis_5=axis(5), axis_other=axis(1), scale_short=scale_short,
    zero_points_short=zero_points_short, zero_point_float=zero_point_float, zero_point_int32=zero_point_int32, zero_point_omitted=zero_point_omitted,
    scale_double=scale_half, weights_declared_uint8=declared(T.UINT8), weights_declared_int32=declared(T.INT32), weights_declared_float16=declared(T.FLOAT16),
    bias_declared_float=declared(T.FLOAT, True), bias_declared_int8=declared(T.INT8, True), dims_reversed=dims_permuted, raw_data_truncated=raw_data_truncated,
    initializer_twice=initializer_twice, input_renamed=input_renamed, output_renamed=output_renamed, graph_output_dangling=graph_output_dangling, two_makers=two_makers,
    nodes_reversed=nodes_reversed, cycle=cycle, strides_zero=attribute(('Conv', 'QLinearConv', 'MaxPool'), 'strides', [0, 0]),
    group_3=attribute(('Conv', 'QLinearConv'), 'group', 3, ('invalid-attribute', 'shape-mismatch')), kernel_shape_other=attribute(('Conv', 'QLinearConv'), 'kernel_shape', [7, 7],
    ('invalid-attribute', 'shape-mismatch'), 'lossless'), dilations_negative=attribute(('Conv', 'QLinearConv'), 'dilations', [-1, 1]), attribute_of_other_type=attribute_of_other_type,
    concat_axis=attribute(('Concat',), 'axis', 9), pads_short=attribute(('Conv', 'QLinearConv', 'MaxPool'), 'pads', [1]), perm_wrong=perm_wrong, opset_newer=opset_newer,
    domain_typo=domain_typo, op_typo=op_typo, quantize_removed=quantize_removed, weights_not_dequantized=weights_as_float, value_info_shape=value_info_shape,
    value_info_dtype=value_info_dtype, graph_output_dtype=graph_output_dtype, qlinear_scale_nan=qlinear_scale(np.nan), qlinear_zero_point_dtype=qlinear_zero_point_dtype,
    qlinear_operands_exchanged=qlinear_operands_exchanged, qlinear_scale_and_zero_point=qlinear_scale_and_zero_point, bias_int64=bias_long,
)

"""Faults of TensorFlow Lite files, one function each: it damages the model and says the truth of it, or gives None where the model has no place for it.

A fault of this kind is what a quantizer, converter or editor leaves: a field set to another value, dropped, or written for another tensor.
"""
import numpy as np
from ai_edge_litert import schema_py_generated as s

BAD, OFF, DTYPE = 'invalid-quantization', 'inconsistent-quantization', 'dtype-contradiction'
B = s.BuiltinOperator
BITS = {s.TensorType.INT8: 8, s.TensorType.UINT8: 8, s.TensorType.INT16: 16}
WEIGHTED = (B.CONV_2D, B.DEPTHWISE_CONV_2D, B.FULLY_CONNECTED)


def read(path):
    return s.ModelT.InitFromPackedBuf(bytearray(path.read_bytes()), 0)


def write(model, path):
    import flatbuffers
    b = flatbuffers.Builder(1 << 16)
    b.Finish(model.Pack(b), b'TFL3')
    path.write_bytes(bytes(b.Output()))


class Net:
    def __init__(self, model):
        self.model, self.graph = model, model.subgraphs[0]
        self.tensors, self.ops = self.graph.tensors, self.graph.operators

    def code(self, op):
        c = self.model.operatorCodes[op.opcodeIndex]
        return max(c.builtinCode, c.deprecatedBuiltinCode)

    def data(self, t):
        d = self.model.buffers[self.tensors[t].buffer].data
        return None if d is None or len(d) == 0 else np.array(d, np.uint8)

    def set_data(self, t, array):
        b = s.BufferT()
        b.data = np.frombuffer(np.ascontiguousarray(array).tobytes(), np.uint8)
        self.model.buffers.append(b)
        self.tensors[t].buffer = len(self.model.buffers) - 1

    def nodes(self, *codes):
        return [(i, op) for i, op in enumerate(self.ops) if self.code(op) in codes]

    def weighted(self, rng, codes=WEIGHTED, where=lambda net, op: True):
        """A node with quantized input, weights and bias."""
        def fits(op):
            if len(op.inputs) < 3 or op.inputs[2] < 0 or self.data(op.inputs[1]) is None or self.data(op.inputs[2]) is None:
                return False
            return all(self.scaled(t) for t in op.inputs[:3]) and self.tensors[op.inputs[0]].type in BITS and where(self, op)
        found = [n for n in self.nodes(*codes) if fits(n[1])]
        return found[rng.integers(len(found))] if found else (None, None)

    def scaled(self, t):
        q = self.tensors[t].quantization
        return q is not None and q.scale is not None and len(q.scale) > 0

    def activation(self, rng, where=lambda t, maker: True):
        """A quantized tensor made by a node and read by a weighted one."""
        makers = {t: i for i, op in enumerate(self.ops) for t in op.outputs}
        found = [(op.inputs[0], makers[op.inputs[0]]) for _, op in self.nodes(*WEIGHTED)
                 if op.inputs[0] in makers and self.scaled(op.inputs[0]) and self.scaled(op.inputs[1]) and len(op.inputs) > 2 and op.inputs[2] >= 0
                 and self.tensors[op.inputs[0]].type in BITS and where(op.inputs[0], self.ops[makers[op.inputs[0]]])]
        found = [f for f in found if list(t for o in self.ops for t in o.inputs).count(f[0]) == 1]
        return found[rng.integers(len(found))] if found else (None, None)

    def truth(self, cause, what, tensor=None, node=None, repair=None, note='', family='attribute'):
        t = dict(cause=[cause] if isinstance(cause, str) else list(cause), what=what, family=family, repair=repair, note=note)
        if tensor is not None:
            t['tensor'] = (self.tensors[tensor].name or b'').decode()
        if node is not None:
            t['node'] = dict(index=int(node), output=(self.tensors[self.ops[node].outputs[0]].name or b'').decode())
        return t


def q_of(net, t):
    return net.tensors[t].quantization


def activation_scale(value):
    def damage(net, rng):
        cut = lambda t, op: getattr(op.builtinOptions, 'fusedActivationFunction', 0) in (1, 3) and net.code(op) in WEIGHTED
        t, n = net.activation(rng, cut)
        if t is None or net.tensors[t].type == s.TensorType.INT16:
            return None
        q_of(net, t).scale = np.array([value], np.float32)
        return net.truth(BAD, f'scale is {value}', t, n, 'lossless', 'scale = consumer bias scale / weight scale')
    return damage


def weight_channel_scale(value):
    def damage(net, rng):
        n, op = net.weighted(rng, where=lambda net, op: len(q_of(net, op.inputs[1]).scale) > 1 and len(q_of(net, op.inputs[2]).scale) > 1)
        if op is None:
            return None
        q = q_of(net, op.inputs[1])
        sc = np.array(q.scale, np.float32)
        sc[rng.integers(len(sc))] = value
        q.scale = sc
        return net.truth(BAD, f'one channel scale is {value}', op.inputs[1], n, 'lossless', 'bias scale / input scale')
    return damage


def weight_scales_all_zero(net, rng):
    n, op = net.weighted(rng)
    if op is None:
        return None
    q_of(net, op.inputs[1]).scale = np.zeros(len(q_of(net, op.inputs[1]).scale), np.float32)
    return net.truth(BAD, 'all weight scales are 0', op.inputs[1], n, 'lossless', 'bias scale / input scale')


def bias_scale_wrong(factor):
    def damage(net, rng):
        n, op = net.weighted(rng)
        if op is None:
            return None
        q = q_of(net, op.inputs[2])
        sc = np.array(q.scale, np.float32)
        sc[rng.integers(len(sc))] *= np.float32(factor)
        q.scale = sc
        return net.truth([OFF, BAD], f'a bias scale is {factor} times the product', op.inputs[2], n, None if len(sc) == 1 else 'lossless', 'the product')
    return damage


def bias_scale_nan(net, rng):
    n, op = net.weighted(rng)
    if op is None:
        return None
    q = q_of(net, op.inputs[2])
    q.scale = np.full(len(q.scale), np.nan, np.float32)
    return net.truth(BAD, 'bias scales are NaN', op.inputs[2], n, 'lossless', 'input scale * weight scale')


def bias_zero_point(net, rng):
    n, op = net.weighted(rng)
    if op is None:
        return None
    q = q_of(net, op.inputs[2])
    q.zeroPoint = np.full(len(q.scale), 7, np.int64)
    return net.truth([BAD, OFF], 'bias has zero point 7', op.inputs[2], n, 'lossless', 'a bias has none')


def weights_zero_point(net, rng):
    n, op = net.weighted(rng, (B.CONV_2D, B.DEPTHWISE_CONV_2D), lambda net, op: net.tensors[op.inputs[1]].type == s.TensorType.INT8)
    if op is None:
        return None
    q = q_of(net, op.inputs[1])
    z = np.zeros(len(q.scale), np.int64)
    z[rng.integers(len(z))] = 5
    q.zeroPoint = z
    return net.truth(BAD, 'int8 conv weights have zero point 5', op.inputs[1], n, 'lossless', 'symmetric weights')


def activation_zero_point(value):
    def damage(net, rng):
        cut = lambda t, op: getattr(op.builtinOptions, 'fusedActivationFunction', 0) in (1, 3) and net.tensors[t].type == s.TensorType.INT8
        t, n = net.activation(rng, cut)
        if t is None:
            return None
        q_of(net, t).zeroPoint = np.array([value], np.int64)
        return net.truth(BAD, f'zero point {value} of int8', t, n, 'lossless', 'the lowest integer behind RELU')
    return damage


def int16_zero_point(net, rng):
    t, n = net.activation(rng, lambda t, op: net.tensors[t].type == s.TensorType.INT16)
    if t is None:
        return None
    q_of(net, t).zeroPoint = np.array([-12], np.int64)
    return net.truth([BAD, OFF], 'int16 activation with zero point', t, n, 'lossless', 'int16 values are symmetric')


def axis_out_of_range(net, rng):
    n, op = net.weighted(rng, where=lambda net, op: len(q_of(net, op.inputs[1]).scale) > 1)
    if op is None:
        return None
    q_of(net, op.inputs[1]).quantizedDimension = 7
    return net.truth(BAD, 'quantized_dimension 7', op.inputs[1], n, 'lossless', 'the axis of the op')


def axis_negative(net, rng):
    n, op = net.weighted(rng, where=lambda net, op: len(q_of(net, op.inputs[1]).scale) > 1)
    if op is None:
        return None
    q_of(net, op.inputs[1]).quantizedDimension = -1
    return net.truth(BAD, 'quantized_dimension -1', op.inputs[1], n, 'lossless', 'the axis of the op')


def scales_one_short(net, rng):
    n, op = net.weighted(rng, where=lambda net, op: len(q_of(net, op.inputs[1]).scale) > 2)
    if op is None:
        return None
    q = q_of(net, op.inputs[1])
    q.scale, q.zeroPoint = q.scale[:-1], q.zeroPoint[:-1]
    return net.truth(BAD, 'one scale is lost', op.inputs[1], n, 'lossless', 'bias scale / input scale')


def scales_on_activation(net, rng):
    t, n = net.activation(rng, lambda t, op: len(net.tensors[t].shape) == 4)
    if t is None:
        return None
    q = q_of(net, t)
    q.scale, q.zeroPoint = np.repeat(q.scale, 3), np.repeat(q.zeroPoint, 3)
    q.quantizedDimension = 3 if net.tensors[t].shape[3] != 3 else 1
    return net.truth(BAD, 'three equal scales on an activation', t, n, 'lossless', 'they are all equal')


def zero_points_dropped(net, rng):
    cut = lambda t, op: getattr(op.builtinOptions, 'fusedActivationFunction', 0) in (1, 3) and net.tensors[t].type == s.TensorType.INT8
    t, n = net.activation(rng, cut)
    if t is None:
        return None
    q_of(net, t).zeroPoint = None
    return net.truth([BAD, 'missing-quantization', OFF], 'zero point dropped', t, n, 'lossless', 'the lowest integer behind RELU')


def relabel(to, role):
    def damage(net, rng):
        n, op = net.weighted(rng, where=lambda net, op: net.tensors[op.inputs[1]].type == s.TensorType.INT8)
        if op is None:
            return None
        t = op.inputs[role]
        if net.tensors[t].type == to:
            return None
        net.tensors[t].type = to
        return net.truth([DTYPE, 'data-size-mismatch'], f'{("input", "weights", "bias")[role]} declared as type {to}', t, n, 'lossless', 'stored bytes and neighbours',
                         family='metadata')
    return damage


def activation_relabelled(to):
    def damage(net, rng):
        t, n = net.activation(rng, lambda t, op: net.code(op) in WEIGHTED and net.tensors[t].type == s.TensorType.INT8)
        if t is None:
            return None
        net.tensors[t].type = to
        return net.truth(DTYPE, f'int8 activation declared as type {to}', t, n, 'lossless', 'the operands around', family='metadata')
    return damage


def bias_of_floats(net, rng):
    n, op = net.weighted(rng)
    if op is None:
        return None
    t = op.inputs[2]
    wide = {s.TensorType.INT32: np.int32, s.TensorType.INT64: np.int64}.get(net.tensors[t].type)
    if wide is None:
        return None
    net.set_data(t, (np.frombuffer(net.data(t).tobytes(), wide) * np.array(q_of(net, t).scale, np.float64)).astype(np.float32))
    net.tensors[t].type, net.tensors[t].quantization = s.TensorType.FLOAT32, None
    return net.truth(DTYPE, 'bias left as floats', t, n, 'lossless', 'quantized at the product', family='metadata')


def bias_other_width(net, rng):
    n, op = net.weighted(rng, where=lambda net, op: net.tensors[op.inputs[2]].type == s.TensorType.INT64)
    if op is None:
        return None
    t = op.inputs[2]
    net.set_data(t, np.frombuffer(net.data(t).tobytes(), np.int64).astype(np.int32))
    net.tensors[t].type = s.TensorType.INT32
    return net.truth(DTYPE, '16x8 with int32 bias', t, n, 'lossless', 'the same values widened', family='metadata')


def bias_too_long(net, rng):
    n, op = net.weighted(rng)
    if op is None:
        return None
    t = op.inputs[2]
    net.tensors[t].shape = [int(net.tensors[t].shape[0]) + 3]
    return net.truth(['data-size-mismatch', 'shape-mismatch'], 'bias shape is 3 too long', t, n, 'lossless', 'bytes and channels', family='metadata')


def weights_truncated(net, rng):
    n, op = net.weighted(rng)
    if op is None:
        return None
    d = net.data(op.inputs[1])
    net.set_data(op.inputs[1], d[: len(d) * 2 // 3])
    return net.truth('data-size-mismatch', 'a third of the weights is gone', op.inputs[1], n, None, family='structure')


def weights_shape_transposed(net, rng):
    n, op = net.weighted(rng, (B.FULLY_CONNECTED,), lambda net, op: net.tensors[op.inputs[1]].shape[0] != net.tensors[op.inputs[1]].shape[1])
    if op is None:
        return None
    net.tensors[op.inputs[1]].shape = [int(x) for x in reversed(net.tensors[op.inputs[1]].shape)]
    return net.truth(['shape-mismatch', BAD], 'weights shape written [in, out]', op.inputs[1], n, 'lossless', 'bias length and input', family='metadata')


def stale_output_shape(net, rng):
    found = net.nodes(B.CONV_2D, B.DEPTHWISE_CONV_2D)
    if not found:
        return None
    n, op = found[rng.integers(len(found))]
    t = net.tensors[op.outputs[0]]
    if t.shape is None or len(t.shape) != 4:
        return None
    t.shape = [int(t.shape[0]), int(t.shape[1]) + 2, int(t.shape[2]), int(t.shape[3])]
    return net.truth('shape-mismatch', 'declared output shape is stale', op.outputs[0], n, 'lossless', 'shapes follow from the op', family='metadata')


def buffer_lost(net, rng):
    n, op = net.weighted(rng)
    if op is None:
        return None
    net.tensors[op.inputs[2]].buffer = len(net.model.buffers) + 11
    return net.truth('dangling-reference', 'buffer index of the bias out of range', op.inputs[2], n, None, family='structure')


def node_input_out_of_range(net, rng):
    n, op = net.weighted(rng)
    if op is None:
        return None
    op.inputs = [int(op.inputs[0]), len(net.tensors) + 5, int(op.inputs[2])]
    return net.truth('dangling-reference', 'weights index out of range', None, n, None, family='structure')


def node_output_out_of_range(net, rng):
    n, op = net.weighted(rng)
    if op is None:
        return None
    truth = net.truth('dangling-reference', 'output index out of range', None, n, None, family='structure')
    op.outputs = [len(net.tensors) + 5]
    return truth


def graph_output_out_of_range(net, rng):
    net.graph.outputs = [len(net.tensors) + 1]
    return net.truth('dangling-reference', 'graph output out of range', None, None, None, family='structure')


def nodes_reversed(net, rng):
    if len(net.ops) < 4:
        return None
    i = int(rng.integers(1, len(net.ops) - 1))
    for t in net.ops[i].inputs:
        if t in net.ops[i - 1].outputs:
            net.ops[i - 1], net.ops[i] = net.ops[i], net.ops[i - 1]
            truth = net.truth('wrong-order', 'two nodes exchanged', None, i - 1, 'lossless', 'sorted', family='structure')
            return truth
    return None


def operands_exchanged(net, rng):
    n, op = net.weighted(rng)
    if op is None:
        return None
    op.inputs = [int(op.inputs[1]), int(op.inputs[0]), int(op.inputs[2])]
    return net.truth(['shape-mismatch', DTYPE, 'invalid-quantization', OFF], 'input and weights exchanged', None, n, 'lossless', 'constant weights', family='structure')


def bias_and_weights_exchanged(net, rng):
    n, op = net.weighted(rng)
    if op is None:
        return None
    op.inputs = [int(op.inputs[0]), int(op.inputs[2]), int(op.inputs[1])]
    return net.truth(['shape-mismatch', DTYPE], 'bias and weights exchanged', None, n, 'lossless', 'ranks and dtypes', family='structure')


def two_makers(net, rng):
    i = int(rng.integers(1, len(net.ops)))
    if len(net.ops) < 3 or net.ops[i].outputs[0] in net.graph.outputs:
        return None
    truth = net.truth(['duplicate-definition', 'dangling-reference', 'cycle'], 'a node writes the output of another', net.ops[i - 1].outputs[0], i, None, family='structure')
    net.ops[i].outputs = [net.ops[i - 1].outputs[0]]
    return truth


def option(codes, field, value, cause='invalid-attribute', repair='lossless'):
    def damage(net, rng):
        found = [(i, op) for i, op in net.nodes(*codes) if hasattr(op.builtinOptions, field) and getattr(op.builtinOptions, field) != value]
        if not found:
            return None
        n, op = found[rng.integers(len(found))]
        setattr(op.builtinOptions, field, value)
        return net.truth(cause, f'{field} = {value}', None, n, repair, 'shapes and parameters', family='attribute')
    return damage


def op_code_unknown(net, rng):
    i = int(rng.integers(len(net.ops)))
    c = net.model.operatorCodes[net.ops[i].opcodeIndex]
    shared = [k for k, o in enumerate(net.ops) if o.opcodeIndex == net.ops[i].opcodeIndex]
    c.builtinCode, c.deprecatedBuiltinCode = 9999, 127
    return net.truth('unknown-op', 'builtin code 9999', None, shared[0], None, family='structure')


def op_version(net, rng):
    i = int(rng.integers(len(net.ops)))
    c = net.model.operatorCodes[net.ops[i].opcodeIndex]
    shared = [k for k, o in enumerate(net.ops) if o.opcodeIndex == net.ops[i].opcodeIndex]
    c.version = 87
    return net.truth('unsupported-version', 'op version 87', None, shared[0], 'lossless', 'nothing of it is used', family='metadata')


def schema_version(net, rng):
    net.model.version = 9
    return net.truth('unsupported-version', 'schema version 9', None, None, 'lossless', 'everything verifies', family='metadata')


def softmax_scale(net, rng):
    found = [n for n in net.nodes(B.SOFTMAX, B.LOGISTIC) if net.scaled(n[1].outputs[0]) and net.tensors[n[1].outputs[0]].type == s.TensorType.INT8]
    if not found:
        return None
    n, op = found[rng.integers(len(found))]
    q_of(net, op.outputs[0]).zeroPoint = np.array([0], np.int64)
    return net.truth([OFF, BAD], 'softmax output zero point 0', op.outputs[0], n, 'lossless', 'prescribed', family='attribute')


def moved_scale(net, rng):
    def lone(op):
        return net.scaled(op.inputs[0]) and net.scaled(op.outputs[0]) and op.outputs[0] not in net.graph.outputs
    found = [n for n in net.nodes(B.RESHAPE, B.MAX_POOL_2D, B.AVERAGE_POOL_2D, B.TRANSPOSE, B.SQUEEZE) if lone(n[1])]
    if not found:
        return None
    n, op = found[rng.integers(len(found))]
    q = q_of(net, op.outputs[0])
    q.scale = np.array(q.scale, np.float32) * np.float32(1.7)
    return net.truth([OFF, BAD], 'output scale of an op that moves is 1.7 times the input scale', op.outputs[0], n, 'lossless', 'copied from the input')


def moved_quantization_dropped(net, rng):
    found = [n for n in net.nodes(B.RESHAPE, B.MAX_POOL_2D, B.AVERAGE_POOL_2D) if net.scaled(n[1].inputs[0]) and net.scaled(n[1].outputs[0])]
    if not found:
        return None
    n, op = found[rng.integers(len(found))]
    net.tensors[op.outputs[0]].quantization = None
    return net.truth(['missing-quantization', OFF], 'output quantization of an op that moves dropped', op.outputs[0], n, 'lossless', 'the same as its input')


def softmax_quantization_dropped(net, rng):
    found = [n for n in net.nodes(B.SOFTMAX, B.LOGISTIC) if net.scaled(n[1].outputs[0])]
    if not found:
        return None
    n, op = found[rng.integers(len(found))]
    net.tensors[op.outputs[0]].quantization = None
    return net.truth('missing-quantization', 'softmax output quantization dropped', op.outputs[0], n, 'lossless', 'prescribed')


def scale_only_as_range(net, rng):
    t, n = net.activation(rng, lambda t, op: BITS[net.tensors[t].type] == 8)
    if t is None:
        return None
    q = q_of(net, t)
    low = -128 if net.tensors[t].type == s.TensorType.INT8 else 0
    sc, z = float(q.scale[0]), int(q.zeroPoint[0])
    q.min, q.max = np.array([(low - z) * sc], np.float32), np.array([(low + 255 - z) * sc], np.float32)
    q.scale = q.zeroPoint = None
    return net.truth('missing-quantization', 'only min and max are left', t, n, 'lossless', 'range / 255')


def reshape_target(net, rng):
    found = [n for n in net.nodes(B.RESHAPE) if len(n[1].inputs) > 1 and net.data(n[1].inputs[1]) is not None]
    if not found:
        return None
    n, op = found[rng.integers(len(found))]
    d = np.frombuffer(net.data(op.inputs[1]).tobytes(), np.int32).copy()
    d[-1] = 3 if d[-1] == -1 else d[-1] * 2
    net.set_data(op.inputs[1], d)
    return net.truth(['shape-mismatch', 'invalid-attribute'], 'RESHAPE to another number of elements', None, n, None, family='structure')


def quantize_removed(net, rng):
    found = [n for n in net.nodes(B.QUANTIZE) if n[1].inputs[0] not in net.graph.inputs and n[1].outputs[0] not in net.graph.outputs]
    found = found or net.nodes(B.QUANTIZE)
    if not found:
        return None
    n, op = found[rng.integers(len(found))]
    readers = [i for i, o in enumerate(net.ops) if op.outputs[0] in o.inputs]
    if not readers:
        return None
    truth = net.truth(['missing-conversion', DTYPE, OFF, 'dangling-reference'], 'a QUANTIZE is removed', op.outputs[0], None, None, family='structure')
    net.ops.pop(n)
    truth['node'] = dict(index=readers[0] - 1, output=(net.tensors[net.ops[readers[0] - 1].outputs[0]].name or b'').decode())
    return truth


FAULTS = dict(
    activation_scale_inf=activation_scale(np.inf), activation_scale_negative=activation_scale(-0.05), activation_scale_denormal=activation_scale(1e-41),
    weight_channel_inf=weight_channel_scale(np.inf), weight_channel_negative=weight_channel_scale(-0.01), weight_channel_zero=weight_channel_scale(0.0),
    weight_scales_all_zero=weight_scales_all_zero, bias_scale_third=bias_scale_wrong(1 / 3), bias_scale_hundred=bias_scale_wrong(100), bias_scale_nan=bias_scale_nan,
    bias_zero_point=bias_zero_point, weights_zero_point=weights_zero_point, activation_zero_point_128=activation_zero_point(128),
    activation_zero_point_minus_200=activation_zero_point(-200), int16_zero_point=int16_zero_point, axis_out_of_range=axis_out_of_range, axis_negative=axis_negative,
    scales_one_short=scales_one_short, scales_on_activation=scales_on_activation, zero_points_dropped=zero_points_dropped,
    weights_declared_int32=relabel(s.TensorType.INT32, 1), weights_declared_float16=relabel(s.TensorType.FLOAT16, 1), weights_declared_int16=relabel(s.TensorType.INT16, 1),
    bias_declared_int8=relabel(s.TensorType.INT8, 2), bias_declared_float=relabel(s.TensorType.FLOAT32, 2), bias_declared_int64=relabel(s.TensorType.INT64, 2),
    activation_declared_uint8=activation_relabelled(s.TensorType.UINT8), activation_declared_int16=activation_relabelled(s.TensorType.INT16),
    activation_declared_float=activation_relabelled(s.TensorType.FLOAT32), bias_of_floats=bias_of_floats, bias_other_width=bias_other_width, bias_too_long=bias_too_long,
    weights_truncated=weights_truncated, weights_shape_transposed=weights_shape_transposed, stale_output_shape=stale_output_shape, buffer_lost=buffer_lost,
    node_input_out_of_range=node_input_out_of_range, node_output_out_of_range=node_output_out_of_range, graph_output_out_of_range=graph_output_out_of_range,
    nodes_exchanged=nodes_reversed, operands_exchanged=operands_exchanged, bias_and_weights_exchanged=bias_and_weights_exchanged, two_makers=two_makers,
    dilation_zero=option((B.CONV_2D, B.DEPTHWISE_CONV_2D), 'dilationHFactor', 0), padding_unknown=option((B.CONV_2D, B.DEPTHWISE_CONV_2D), 'padding', 7),
    activation_unknown=option((B.CONV_2D, B.DEPTHWISE_CONV_2D), 'fusedActivationFunction', 77), depth_multiplier=option((B.DEPTHWISE_CONV_2D,), 'depthMultiplier', 5),
    pool_filter_zero=option((B.MAX_POOL_2D, B.AVERAGE_POOL_2D), 'filterWidth', 0, repair=None), stride_h_zero=option((B.CONV_2D, B.DEPTHWISE_CONV_2D), 'strideH', 0),
    stride_too_large=option((B.CONV_2D, B.DEPTHWISE_CONV_2D), 'strideW', 3, ('invalid-attribute', 'shape-mismatch')),
    padding_other=option((B.MAX_POOL_2D, B.AVERAGE_POOL_2D), 'strideH', -1),
    op_code_unknown=op_code_unknown, op_version=op_version, schema_version=schema_version, softmax_zero_point=softmax_scale, moved_scale=moved_scale,
    moved_quantization_dropped=moved_quantization_dropped, softmax_quantization_dropped=softmax_quantization_dropped, scale_only_as_range=scale_only_as_range,
    reshape_target=reshape_target, quantize_removed=quantize_removed,
)

"""More faults of ONNX files: what exporters, graph surgery, other byte orders, layouts and broken copies of the file leave."""
import numpy as np
from onnx import TensorProto as T, helper

import tflite_surgery
from onnx_files import BAD, DTYPE, OFF


def attributes_but(node, *names):
    keep = [a for a in node.attribute if a.name not in names]
    del node.attribute[:]
    node.attribute.extend(keep)


def zero_points(dtype, everywhere):
    def damage(net, rng):
        i, q, k, dq = net.activation_pair(rng, lambda q, dq: len(q.input) > 2 and len(dq.input) > 2 and q.input[2] in net.constants)
        if q is None:
            return None
        made = {}
        for a, b in [(q, dq)] if not everywhere else [(n, r[0][1]) for _, n in net.of('QuantizeLinear') for r in [net.readers(n.output[0])] if r and len(n.input) > 2 and n.input[2] in net.constants]:
            old = a.input[2]
            name = a.input[2] = made[old] if old in made else net.own(a, 2, net.array(old).astype(dtype))
            made[old] = name
            if len(b.input) > 2 and b.op_type == 'DequantizeLinear':
                b.input[2] = name
        return net.truth([DTYPE, BAD, 'unsupported-dtype'], f'zero points of {"all activations" if everywhere else "a pair"} are {np.dtype(dtype).name}', None if everywhere else q.input[2], None if everywhere else i, 'lossless', 'whole and in range', family='metadata')
    return damage


def opset_lowered(to):
    def damage(net, rng):
        if not any(a.name == 'axis' for _, n in net.of('DequantizeLinear') for a in n.attribute) and not net.of('HardSwish', 'LayerNormalization'):
            return None
        for o in net.model.opset_import:
            if o.domain in ('', 'ai.onnx'):
                if o.version <= to:
                    return None
                o.version = to
        return net.truth('unsupported-version', f'opset {to} imported', None, None, None, family='metadata')
    return damage


def transb_dropped(net, rng):
    i, n = net.pick([x for x in net.of('Gemm') if any(a.name == 'transB' and a.i == 1 for a in x[1].attribute)], rng)
    if n is None:
        return None
    dq = net.maker(n.input[1])[1]
    w = net.constants.get(dq.input[0] if dq is not None else n.input[1])
    if w is None or w.dims[0] == w.dims[1]:
        return None
    attributes_but(n, 'transB')
    return net.truth(['shape-mismatch', 'invalid-attribute', 'missing-attribute'], 'transB of Gemm was dropped', None, i, 'lossless', 'the lengths', family='attribute')


def weights_ohwi(net, rng):
    i, n = net.weights_dq(rng)
    if n is None:
        return None
    w = net.array(n.input[0])
    r = net.readers(n.output[0])[0][0]
    if w.ndim != 4 or w.shape[1] == w.shape[2] or w.shape[1] == 1:
        return None
    net.set_array(n.input[0], w.transpose(0, 2, 3, 1))
    return net.truth(['shape-mismatch', 'invalid-attribute'], 'weights written [O,H,W,I]', n.input[0], r, 'lossless', 'kernel_shape and the channels', family='metadata')


def pair_exchanged(net, rng):
    i, q, k, dq = net.activation_pair(rng, lambda q, dq: q.input[0] not in net.constants)
    if q is None:
        return None
    q.op_type, dq.op_type = 'DequantizeLinear', 'QuantizeLinear'
    return net.truth([DTYPE, 'missing-conversion', 'unknown-op', 'wrong-order'], 'Q and DQ of a pair are exchanged', q.output[0], i, 'lossless', 'floats before and behind', family='structure')


def signs_differ(net, rng):
    i, q, k, dq = net.activation_pair(rng, lambda q, dq: len(dq.input) > 2 and dq.input[2] in net.constants and net.constants[dq.input[2]].data_type in (T.INT8, T.UINT8))
    if q is None:
        return None
    z = net.array(dq.input[2])
    net.own(dq, 2, (z.astype(np.int64) + 128).astype(np.uint8) if z.dtype == np.int8 else (z.astype(np.int64) - 128).astype(np.int8))
    return net.truth([DTYPE, OFF], 'the DQ has the zero point of the other signedness', q.output[0], k, 'lossless', 'the Q', family='metadata')


def scale_of_rank(net, rng):
    i, n = net.weights_dq(rng, per_channel=True)
    if n is None:
        return None
    sc = net.array(n.input[1])
    net.own(n, 1, sc.reshape(-1, 1, 1, 1))
    return net.truth([BAD, 'shape-mismatch'], 'scales are [C,1,1,1]', n.input[0], i, 'lossless', 'the same numbers', family='metadata')


def activation_scale_vector(net, rng):
    i, q, k, dq = net.activation_pair(rng, lambda q, dq: q.input[1] in net.constants and net.array(q.input[1]).size == 1)
    if q is None:
        return None
    net.own(dq, 1, np.full(7, net.array(dq.input[1]).reshape(-1)[0], np.float32))
    return net.truth([BAD, OFF, 'shape-mismatch'], 'seven equal scales at the DQ of an activation', q.output[0], k, 'lossless', 'all equal', family='attribute')


def bias_big_endian(net, rng):
    i, n = net.weights_dq(rng, bias=True)
    if n is None:
        return None
    b = net.array(n.input[0])
    if np.abs(b).max() == 0:
        return None
    net.set_array(n.input[0], b.byteswap())
    return net.truth(['data-out-of-range', DTYPE, OFF], 'bias in big-endian order', n.input[0], i, 'lossless', 'the other order is small', family='data')


def weights_in_float_data(net, rng):
    i, n = net.weights_dq(rng)
    if n is None:
        return None
    t, w = net.constants[n.input[0]], net.array(n.input[0])
    t.ClearField('raw_data')
    t.float_data.extend(w.reshape(-1).astype(np.float32))
    return net.truth([DTYPE, 'data-size-mismatch'], 'int8 weights stored in float_data', n.input[0], i, 'lossless', 'whole numbers in range', family='metadata')


def weights_in_int32_data_twice(net, rng):
    i, n = net.weights_dq(rng)
    if n is None:
        return None
    t, w = net.constants[n.input[0]], net.array(n.input[0])
    t.int32_data.extend(int(x) for x in w.reshape(-1))
    return net.truth([DTYPE, 'data-size-mismatch', 'duplicate-definition'], 'weights stored in raw_data and in int32_data', n.input[0], i, 'lossless', 'the same values', family='structure')


def names_sanitised(net, rng):
    """Of the initializers only: the nodes keep the old names."""
    found = [t for t in net.graph.initializer if '/' in t.name or '.' in t.name]
    if len(found) < 2:
        return None
    for t in found:
        t.name = t.name.replace('/', '_').replace('.', '_')
    return net.truth('dangling-reference', 'names of initializers were made identifiers, those of operands not', None, None, 'lossless', 'unique without punctuation', family='structure')


def output_dtype_other(net, rng):
    i, n = net.pick([x for x in net.of('QuantizeLinear') if len(x[1].input) > 2 and x[1].input[2] in net.constants and net.constants[x[1].input[2]].data_type in (T.INT8, T.UINT8)], rng)
    if n is None:
        return None
    attributes_but(n, 'output_dtype')
    n.attribute.append(helper.make_attribute('output_dtype', T.UINT8 if net.constants[n.input[2]].data_type == T.INT8 else T.INT8))
    for o in net.model.opset_import:
        if o.domain in ('', 'ai.onnx') and o.version < 21:
            return None
    return net.truth(DTYPE, 'output_dtype is not the zero point\'s', n.output[0], i, 'lossless', 'the zero point', family='metadata')


def pair_scale_inverted(net, rng):
    """Of the pair before a node whose bias scale knows the right one."""
    found = []
    for i, q in net.of('QuantizeLinear'):
        readers = net.readers(q.output[0])
        if len(readers) == 1 and readers[0][1].op_type == 'DequantizeLinear' and q.input[1] in net.constants:
            after = net.readers(readers[0][1].output[0])
            if len(after) == 1 and after[0][1].op_type in ('Conv', 'Gemm') and len(after[0][1].input) > 2 and net.maker(after[0][1].input[2])[1] is not None:
                found.append((i, (q, readers[0][1])))
    i, pair = net.pick(found, rng)
    if pair is None:
        return None
    name = net.own(pair[0], 1, np.float32(1) / net.array(pair[0].input[1]))
    pair[1].input[1] = name
    return net.truth([OFF, BAD], 'scale of a pair is 1 / scale', pair[0].output[0], i, 'lossless', 'bias scale / weight scale')


def qlinear_bias_float(net, rng):
    i, n = net.pick([x for x in net.of('QLinearConv') if len(x[1].input) > 8 and x[1].input[8] in net.constants and x[1].input[1] in net.constants], rng)
    if n is None:
        return None
    sc = net.array(n.input[1]).astype(np.float64) * net.array(n.input[4]).astype(np.float64)
    name = n.input[8]
    net.own(n, 8, (net.array(name) * sc).astype(np.float32))
    return net.truth(DTYPE, 'bias of QLinearConv is float', n.input[8], i, 'lossless', 'quantized at the product', family='metadata')


def kept(change):
    return tflite_surgery.bytes_fault(change)


FAULTS = dict(
    zero_points_int32_pair=zero_points(np.int32, False), zero_points_int64_all=zero_points(np.int64, True), zero_points_float_all=zero_points(np.float32, True),
    opset_lowered_12=opset_lowered(12), transb_dropped=transb_dropped, weights_ohwi=weights_ohwi, pair_exchanged=pair_exchanged, signs_differ=signs_differ, scale_of_rank_4=scale_of_rank,
    activation_scale_vector=activation_scale_vector, bias_big_endian=bias_big_endian, weights_in_float_data=weights_in_float_data, weights_in_int32_data_twice=weights_in_int32_data_twice,
    names_sanitised=names_sanitised, output_dtype_other=output_dtype_other, pair_scale_inverted=pair_scale_inverted, qlinear_bias_float=qlinear_bias_float, **tflite_surgery.BYTES)

"""More faults of TensorFlow Lite files: what graph surgery, other byte orders, layouts and broken copies of the file leave."""
import numpy as np
import tflite
from tflite import BAD, B, DTYPE, OFF, q_of, s

UNREADABLE = ['unreadable-file', 'data-out-of-range', 'data-size-mismatch', 'dangling-reference', 'unsupported-version', 'shape-mismatch']
WIDTH = {s.TensorType.INT32: np.int32, s.TensorType.INT64: np.int64}


def bias_bits_of_floats(net, rng):
    n, op = net.weighted(rng, where=lambda net, op: net.tensors[op.inputs[2]].type == s.TensorType.INT32)
    if op is None:
        return None
    t = op.inputs[2]
    net.set_data(t, (np.frombuffer(net.data(t).tobytes(), np.int32) * np.array(q_of(net, t).scale, np.float64)).astype(np.float32))
    return net.truth([DTYPE, 'data-out-of-range', OFF], 'int32 bias holds the bits of floats', t, n, 'lossless', 'quantized at the product', family='metadata')


def bias_big_endian(net, rng):
    n, op = net.weighted(rng, where=lambda net, op: net.tensors[op.inputs[2]].type in WIDTH and np.abs(np.frombuffer(net.data(op.inputs[2]).tobytes(), WIDTH[net.tensors[op.inputs[2]].type])).max() > 0)
    if op is None:
        return None
    t = op.inputs[2]
    net.set_data(t, np.frombuffer(net.data(t).tobytes(), WIDTH[net.tensors[t].type]).byteswap())
    return net.truth(['data-out-of-range', DTYPE, OFF, 'unreadable-file'], 'bias in big-endian order', t, n, 'lossless', 'the other order is small', family='data')


def shape_big_endian(net, rng):
    found = [n for n in net.nodes(B.RESHAPE) if len(n[1].inputs) > 1 and n[1].inputs[1] >= 0 and net.data(n[1].inputs[1]) is not None]
    if not found:
        return None
    n, op = found[rng.integers(len(found))]
    net.set_data(op.inputs[1], np.frombuffer(net.data(op.inputs[1]).tobytes(), np.int32).byteswap())
    return net.truth(['shape-mismatch', 'invalid-attribute', 'data-out-of-range', 'unreadable-file'], 'target shape in big-endian order', op.inputs[1], n, 'lossless', 'the other order fits', family='data')


def weights_oihw(net, rng):
    def fits(net, op):
        o, h, w, i = net.tensors[op.inputs[1]].shape
        return i != w and i != 1
    n, op = net.weighted(rng, (B.CONV_2D,), fits)
    if op is None:
        return None
    t = net.tensors[op.inputs[1]]
    shape = [int(x) for x in t.shape]
    data = net.data(op.inputs[1]).reshape(shape).transpose(0, 3, 1, 2)
    net.set_data(op.inputs[1], data)
    t.shape = list(data.shape)
    return net.truth(['shape-mismatch', 'invalid-attribute'], 'weights written [O,I,H,W]', op.inputs[1], n, 'lossless', 'the channels of the input', family='metadata')


def weight_scales_inverted(net, rng):
    n, op = net.weighted(rng)
    if op is None:
        return None
    q = q_of(net, op.inputs[1])
    q.scale = np.float32(1) / np.array(q.scale, np.float32)
    return net.truth([OFF, BAD], 'weight scales are 1 / scale', op.inputs[1], n, 'lossless', 'bias scale / input scale')


def activation_scale_inverted(net, rng):
    cut = lambda t, op: net.code(op) in tflite.WEIGHTED
    t, n = net.activation(rng, cut)
    if t is None:
        return None
    q = q_of(net, t)
    q.scale = np.float32(1) / np.array(q.scale, np.float32)
    return net.truth([OFF, BAD], 'activation scale is 1 / scale', t, n, 'lossless', 'bias scale / weight scale of the reader')


def activation_scale_off(factor):
    def damage(net, rng):
        t, n = net.activation(rng, lambda t, op: net.code(op) in tflite.WEIGHTED)
        if t is None:
            return None
        q = q_of(net, t)
        q.scale = np.array(q.scale, np.float32) * np.float32(factor)
        return net.truth([OFF, BAD, 'data-out-of-range'], f'activation scale is {factor} times what it was', t, n, 'lossless', 'bias scale / weight scale of the reader')
    return damage


def output_scale_off(factor):
    """Of the last layer, that no bias knows."""
    def damage(net, rng):
        for n, op in reversed(net.nodes(*tflite.WEIGHTED)):
            if len(op.inputs) > 2 and op.inputs[2] >= 0 and net.scaled(op.inputs[2]) and net.scaled(op.outputs[0]) and not any(op.outputs[0] in o.inputs and net.code(o) in tflite.WEIGHTED for o in net.ops):
                q = q_of(net, op.outputs[0])
                q.scale = np.array(q.scale, np.float32) * np.float32(factor)
                return net.truth([OFF, BAD, 'data-out-of-range'], f'output scale is {factor} times what it was', op.outputs[0], n, None, 'the weights bound the values')
        return None
    return damage


def bias_scale_one(net, rng):
    n, op = net.weighted(rng)
    if op is None:
        return None
    q = q_of(net, op.inputs[2])
    q.scale = np.ones(len(q.scale), np.float32)
    return net.truth([OFF, BAD], 'bias scales are all 1', op.inputs[2], n, 'lossless', 'the product')


def bias_scale_of_weights(net, rng):
    n, op = net.weighted(rng, where=lambda net, op: len(q_of(net, op.inputs[2]).scale) == len(q_of(net, op.inputs[1]).scale))
    if op is None:
        return None
    q_of(net, op.inputs[2]).scale = np.array(q_of(net, op.inputs[1]).scale, np.float32)
    return net.truth([OFF, BAD], 'the bias has the scales of the weights', op.inputs[2], n, 'lossless', 'the product')


def bias_buffer_of_weights(net, rng):
    n, op = net.weighted(rng)
    if op is None or net.data(op.inputs[1]).size == net.data(op.inputs[2]).size:
        return None
    net.tensors[op.inputs[2]].buffer = net.tensors[op.inputs[1]].buffer
    return net.truth('data-size-mismatch', 'the bias has the buffer of the weights', op.inputs[2], n, None, family='structure')


def weights_of_other_node(net, rng):
    """Weights of two nodes exchanged, of one shape: only the bias scales know."""
    nodes = [x for x in net.nodes(B.CONV_2D, B.DEPTHWISE_CONV_2D, B.FULLY_CONNECTED) if len(x[1].inputs) > 2 and x[1].inputs[2] >= 0 and net.scaled(x[1].inputs[1]) and net.scaled(x[1].inputs[2])]
    for a, x in nodes:
        for b, y in nodes:
            if a < b and list(net.tensors[x.inputs[1]].shape) == list(net.tensors[y.inputs[1]].shape) and net.tensors[x.inputs[0]].type == net.tensors[y.inputs[0]].type and x.inputs[1] != y.inputs[1]:
                x.inputs, y.inputs = [int(x.inputs[0]), int(y.inputs[1]), int(x.inputs[2])], [int(y.inputs[0]), int(x.inputs[1]), int(y.inputs[2])]
                return net.truth([OFF, BAD], 'two nodes read the weights of each other', x.inputs[2], a, None, 'the bias scales', family='structure')
    return None


def inputs_shifted(net, rng):
    n, op = net.weighted(rng, where=lambda net, op: max(op.inputs) + 1 < len(net.tensors))
    if op is None:
        return None
    op.inputs = [int(i) + 1 for i in op.inputs]
    return net.truth(['shape-mismatch', DTYPE, 'dangling-reference', 'wrong-order', 'cycle', BAD, OFF, 'missing-quantization'], 'operand indices are one too high', None, n, None, family='structure')


def zero_points_of_uint8(net, rng):
    """All int8 activations relabelled back to uint8 by one tool that left the zero points."""
    t, n = net.activation(rng, lambda t, op: net.tensors[t].type == s.TensorType.INT8 and int(q_of(net, t).zeroPoint[0]) < 0)
    if t is None:
        return None
    q_of(net, t).zeroPoint = np.array([int(q_of(net, t).zeroPoint[0]) - 128], np.int64)
    return net.truth([BAD, OFF, 'data-out-of-range'], 'zero point moved by 128 twice', t, n, 'lossless' if int(q_of(net, t).zeroPoint[0]) == -256 else None, 'the lowest integer behind RELU')


def activation_per_channel(net, rng):
    t, n = net.activation(rng, lambda t, op: len(net.tensors[t].shape) == 4 and net.tensors[t].shape[3] > 1)
    if t is None:
        return None
    q, c = q_of(net, t), int(net.tensors[t].shape[3])
    q.scale, q.zeroPoint, q.quantizedDimension = np.repeat(q.scale, c), np.repeat(q.zeroPoint, c), 3
    return net.truth(BAD, 'an activation with one equal scale a channel', t, n, 'lossless', 'they are all equal')


def activation_with_weights_scales(net, rng):
    def fits(net, op):
        return len(net.tensors[op.outputs[0]].shape) == 4 and len(q_of(net, op.inputs[1]).scale) == int(net.tensors[op.outputs[0]].shape[3]) > 1 and sum(op.outputs[0] in o.inputs for o in net.ops) == 1
    n, op = net.weighted(rng, where=fits)
    if op is None:
        return None
    q, w = q_of(net, op.outputs[0]), q_of(net, op.inputs[1])
    q.scale, q.zeroPoint, q.quantizedDimension = np.array(w.scale), np.array([int(q.zeroPoint[0])] * len(w.scale), np.int64), 3
    return net.truth(BAD, 'an output with the scales of the weights', op.outputs[0], n, None, 'the bias of the reader')


def weights_cleared(net, rng):
    n, op = net.weighted(rng)
    if op is None or net.data(op.inputs[1]).size < 16:
        return None
    net.set_data(op.inputs[1], np.full(net.data(op.inputs[1]).size, int(q_of(net, op.inputs[1]).zeroPoint[0]) & 255, np.uint8))
    return net.truth('data-out-of-range', 'all weights are zero', op.inputs[1], n, None, family='data')


def bytes_fault(change, causes=UNREADABLE):
    """On the file's bytes, behind the writer: make.py applies truth['bytes']."""
    def damage(net, rng):
        t = net.truth(causes, change.__doc__, None, None, None, family='structure')
        t['bytes'] = change
        return t
    return damage


def line_ends(data):
    """a transfer as text wrote \\r\\n for \\n"""
    return data.replace(b'\n', b'\r\n')


def mangled(data):
    """decoded as UTF-8 with replacement characters, and encoded again"""
    return data.decode('utf-8', 'replace').encode('utf-8')


def zero_tail(data):
    """the last third was reserved and never written"""
    return data[: len(data) * 2 // 3] + bytes(len(data) - len(data) * 2 // 3)


def hole(data):
    """4096 bytes in the middle are missing"""
    k = len(data) // 2
    return data[:k] + data[k + min(4096, len(data) // 8):]


def prefixed(data):
    """16 bytes of a container stand before the model"""
    return b'ENCv1\0\0\0' + len(data).to_bytes(8, 'little') + data


def base64_text(data):
    """the file is base64 text"""
    import base64
    return base64.encodebytes(data)


BYTES = dict(bytes_line_ends=bytes_fault(line_ends), bytes_mangled=bytes_fault(mangled), bytes_zero_tail=bytes_fault(zero_tail), bytes_hole=bytes_fault(hole),
             bytes_prefixed=bytes_fault(prefixed), bytes_base64=bytes_fault(base64_text))
FAULTS = dict(
    activation_scale_million=activation_scale_off(1e6), activation_scale_millionth=activation_scale_off(1e-6), output_scale_million=output_scale_off(1e6),
    output_scale_millionth=output_scale_off(1e-6),
    bias_bits_of_floats=bias_bits_of_floats, bias_big_endian=bias_big_endian, shape_big_endian=shape_big_endian, weights_oihw=weights_oihw,
    weight_scales_inverted=weight_scales_inverted, activation_scale_inverted=activation_scale_inverted, bias_scale_one=bias_scale_one, bias_scale_of_weights=bias_scale_of_weights,
    bias_buffer_of_weights=bias_buffer_of_weights, weights_of_other_node=weights_of_other_node, inputs_shifted=inputs_shifted, zero_points_of_uint8=zero_points_of_uint8,
    activation_per_channel=activation_per_channel, activation_with_weights_scales=activation_with_weights_scales, weights_cleared=weights_cleared, **BYTES)

"""Cases of the ops that move elements. See litert_cases.py."""
import litert_cases
from litert_cases import Node, case

PLAIN = ['float32', 'int32', 'int64', 'boolean', 'int8', 'uint8', 'int16']
Q8, U8, Q16 = dict(scale=0.5, zero_point=3), dict(scale=0.25, zero_point=120), dict(scale=0.001)


class T(litert_cases.T):
    """A -1 in the shape: known only at run time, stored as converters do."""

    def __init__(self, dtype, shape, **more):
        if -1 in shape:
            more['signature'] = list(shape)
        super().__init__(dtype, [max(d, 1) if d < 0 else d for d in shape], **more)


def i32(values, shape=None):
    return T('int32', [len(values)] if shape is None else shape, data=values)


def fed(values, shape=None, dtype='int32'):
    """An integer operand that is fed at run time."""
    return T(dtype, [len(values)] if shape is None else shape, values=values)


def quantized(dtype):
    return {'int8': Q8, 'uint8': U8, 'int16': Q16}.get(dtype, {})


def move(file, name, op, shape, out, *operands, dtype='float32', options=None, version=1, q=True, before=(), **more):
    parameters = quantized(dtype) if q else {}
    x = T(dtype, shape, **parameters, **more)
    outs = out if out and isinstance(out[0], list) else [out]
    case(file, f'{name}_{dtype}' + ('' if q else '_plain'), op=op, version=version, options=options,
         inputs=[*before, x, *operands], outputs=[T(dtype, o, **parameters) for o in outs])


# reshape, squeeze, expand_dims
for d in ['float32', 'int8', 'string', 'complex64']:
    move('reshape', 'operand', 'RESHAPE', [2, 6], [3, 4], i32([3, -1]), dtype=d)
move('reshape', 'options', 'RESHAPE', [2, 6], [4, 3], options={'new_shape': [4, -1]})
move('reshape', 'scalar_options', 'RESHAPE', [1, 1], [], options={'new_shape': [0]})
move('reshape', 'scalar_operand', 'RESHAPE', [1], [], T('int32', [0], data=[]))
move('reshape', 'fed_shape', 'RESHAPE', [2, 6], [3, 4], fed([-1, 3]), dtype='int8')
x, s, b, e, t, cut = T('float32', [2, 3, 4]), T('int32', [3]), i32([0]), i32([2]), i32([1]), T('int32', [2])
case('reshape', 'computed_shape', nodes=[
    Node('SHAPE', [x], [s], {'out_type': 'int32'}), Node('STRIDED_SLICE', [s, b, e, t], [cut]),
    Node('CONCATENATION', [cut, i32([-1])], [shape := T('int32', [3])], {'axis': 0}), Node('RESHAPE', [x, shape], [T('float32', [2, 3, 4])])])
move('squeeze', 'all', 'SQUEEZE', [1, 3, 1, 2, 1], [3, 2], dtype='int8')
move('squeeze', 'named', 'SQUEEZE', [1, 3, 1, 2], [1, 3, 2], options={'squeeze_dims': [-2]})
move('squeeze', 'strings', 'SQUEEZE', [1, 3], [3], dtype='string')
for a in [0, 1, -1, -3]:
    out = [2, 3]
    out.insert(a if a >= 0 else 3 + a, 1)
    move('expand_dims', f'axis_{a}'.replace('-', 'm'), 'EXPAND_DIMS', [2, 3], out, i32([a]), dtype='int16' if a else 'float32')
move('expand_dims', 'fed_axis', 'EXPAND_DIMS', [2, 3], [2, 1, 3], fed([1]))
move('expand_dims', 'strings', 'EXPAND_DIMS', [3], [3, 1], T('int32', [], data=[1]), dtype='string')

# transpose
for d in PLAIN:
    move('transpose', 'nhwc_to_nchw', 'TRANSPOSE', [2, 3, 4, 5], [2, 5, 3, 4], i32([0, 3, 1, 2]), dtype=d, version=4)
move('transpose', 'rank_6', 'TRANSPOSE', [2, 1, 3, 2, 2, 3], [3, 2, 2, 1, 3, 2], i32([-1, 4, 0, 1, 2, 3]), version=4)
move('transpose', 'fed', 'TRANSPOSE', [2, 3, 4], [4, 2, 3], fed([2, 0, 1]), dtype='uint8')
move('transpose', 'matrix', 'TRANSPOSE', [5, 7], [7, 5], i32([1, 0]), dtype='int64')
move('transpose', 'odd', 'TRANSPOSE', [3, 5], [5, 3], i32([1, 0]), dtype='int4', version=8)

# concatenation
for d in PLAIN:
    p = quantized(d)
    case('concatenation', f'axis_1_{d}', op='CONCATENATION', options={'axis': 1}, version=2,
         inputs=[T(d, [2, 1, 3], **p), T(d, [2, 2, 3], **p), T(d, [2, 4, 3], **p)], outputs=[T(d, [2, 7, 3], **p)])
case('concatenation', 'uint8_rescaled', op='CONCATENATION', options={'axis': -1},
     inputs=[T('uint8', [3, 5], scale=0.1, zero_point=10), T('uint8', [3, 2], scale=0.7, zero_point=200), T('uint8', [3, 4], scale=0.33, zero_point=0)],
     outputs=[T('uint8', [3, 11], scale=0.33, zero_point=0)])
case('concatenation', 'uint8_saturated', op='CONCATENATION', options={'axis': 0},
     inputs=[T('uint8', [2, 50], scale=1.0, zero_point=128), T('uint8', [1, 50], scale=0.01, zero_point=0)],
     outputs=[T('uint8', [3, 50], scale=0.02, zero_point=77)])
case('concatenation', 'int4', op='CONCATENATION', options={'axis': 1}, version=5,
     inputs=[T('int4', [3, 3], scale=0.5), T('int4', [3, 2], scale=0.5)], outputs=[T('int4', [3, 5], scale=0.5)])
case('concatenation', 'with_constant_and_empty', op='CONCATENATION', options={'axis': 0},
     inputs=[T('float32', [2, 2]), T('float32', [0, 2]), T('float32', [1, 2], data='random')], outputs=[T('float32', [3, 2])])

# split, split_v, pack, unpack
for d in PLAIN:
    if d != 'boolean':
        move('split', 'thirds', 'SPLIT', [2, 6, 3], [[2, 2, 3]] * 3, before=[T('int32', [], data=[1])], options={'num_splits': 3}, dtype=d, version=2)
    move('unpack', 'axis_1', 'UNPACK', [2, 3, 4], [[2, 4]] * 3, options={'num': 3, 'axis': 1}, dtype=d) if d != 'int64' else None
    p = quantized(d)
    if d != 'boolean':
        case('pack', f'axis_m1_{d}', op='PACK', options={'values_count': 3, 'axis': -1}, inputs=[T(d, [2, 3], **p) for _ in range(3)],
             outputs=[T(d, [2, 3, 3], **p)])
move('split', 'negative_axis', 'SPLIT', [2, 6], [[2, 3]] * 2, before=[T('int32', [], data=[-1])], options={'num_splits': 2})
move('split', 'fed_axis', 'SPLIT', [4, 6], [[2, 6]] * 2, before=[T('int32', [], values=[0])], options={'num_splits': 2}, dtype='int8')
move('split', 'sizes', 'SPLIT_V', [2, 9], [[2, 2], [2, 0], [2, 7]], i32([2, 0, -1]), T('int32', [], data=[-1]), options={'num_splits': 3}, dtype='int8')
move('split', 'sizes_fed', 'SPLIT_V', [5, 2], [[4, 2], [1, 2]], fed([4, 1]), T('int32', [], data=[0]), options={'num_splits': 2})
move('unpack', 'vector', 'UNPACK', [3], [[]] * 3, options={'num': 3, 'axis': -1}, dtype='int32')
case('pack', 'scalars', op='PACK', options={'values_count': 3, 'axis': 0}, inputs=[T('int32', []) for _ in range(3)], outputs=[T('int32', [3])])
case('pack', 'one', op='PACK', options={'values_count': 1, 'axis': 1}, inputs=[T('float32', [2, 2])], outputs=[T('float32', [2, 1, 2])])

# slice, strided_slice
for d in PLAIN + ['string']:
    move('slice', 'middle', 'SLICE', [3, 4, 5], [2, 3, 2], i32([1, 0, 2]), i32([2, 3, 2]), dtype=d, version=3)
move('slice', 'to_the_end', 'SLICE', [3, 4], [2, 3], i32([1, 1]), i32([-1, -1]))
move('slice', 'fed', 'SLICE', [3, 4], [-1, -1], fed([0, 2]), fed([-1, 2]), dtype='int8')
move('slice', 'rank_6', 'SLICE', [2, 2, 3, 2, 2, 4], [1, 2, 2, 1, 2, 3], i32([1, 0, 1, 0, 0, 1]), i32([1, 2, 2, 1, 2, 3]), version=6)
move('slice', 'int64_operands', 'SLICE', [5, 3], [2, 2], T('int64', [2], data=[2, 1]), T('int64', [2], data=[2, 2]))
move('slice', 'odd', 'SLICE', [3, 5], [2, 3], i32([1, 1]), i32([2, 3]), dtype='int4', version=7, low=-8)


def strided(name, shape, out, begin, end, strides, dtype='float32', feed=False, version=1, **masks):
    make = fed if feed else i32
    move('strided_slice', name, 'STRIDED_SLICE', shape, out, make(begin), make(end), make(strides) if not masks.get('offset') else i32(strides), dtype=dtype, version=version,
         options={**{k: v for k, v in masks.items()}} or {'begin_mask': 0})


for d in PLAIN:
    strided('steps', [4, 6], [2, 3], [1, 0], [4, 6], [2, 2], dtype=d)
strided('backwards', [4, 6], [2, 3], [-1, 4], [0, -7], [-2, -2])
strided('begin_end_masks', [4, 6], [4, 6], [2, 3], [1, 1], [1, 1], begin_mask=3, end_mask=3)
strided('backwards_masks', [5, 4], [3, 4], [0, 0], [0, 0], [-2, -1], begin_mask=3, end_mask=3, dtype='int8')
strided('shrink', [4, 6], [6], [-2, 0], [0, 6], [1, 1], shrink_axis_mask=1)
strided('shrink_all', [4, 6], [], [2, 3], [3, 4], [1, 1], shrink_axis_mask=3)
strided('new_axis', [4, 6], [4, 1, 3], [0, 0, 1], [4, 1, 4], [1, 1, 1], new_axis_mask=2)
strided('ellipsis', [2, 3, 4, 5], [2, 3, 4, 2], [0, 1], [0, 3], [1, 1], ellipsis_mask=1)
strided('ellipsis_middle', [2, 3, 4, 5], [1, 3, 4], [1, 0, 2], [2, 0, 3], [1, 1, 1], ellipsis_mask=2, shrink_axis_mask=4)
strided('ellipsis_new_axis', [2, 3, 4], [2, 3, 1, 2], [0, 0, 1], [0, 0, 3], [1, 1, 1], ellipsis_mask=1, new_axis_mask=2)
strided('fewer_places', [3, 4, 5], [2, 4, 5], [1], [3], [1])
strided('out_of_range', [4, 3], [3, 3], [1, -9], [99, 99], [1, 1])
strided('empty', [4, 3], [0, 3], [3, 0], [1, 3], [1, 1])
strided('fed', [4, 6], [-1, -1], [1, 5], [4, 0], [1, -2], feed=True, dtype='int16')
strided('offset', [8, 3], [3, 2], [2, 1], [3, 2], [1, 1], offset=True, version=4)
strided('strings', [5], [2], [1], [5], [2], dtype='string')

# gather, gather_nd, scatter_nd
for d in PLAIN + ['string']:
    move('gather', 'rows', 'GATHER', [4] if d == 'string' else [4, 3], [5] if d == 'string' else [5, 3], i32([3, 0, 0, 2, 1]), dtype=d, options={'axis': 0}, version=4)
move('gather', 'columns', 'GATHER', [2, 4, 3], [2, 2, 2, 3], i32([3, 0, 1, 1], [2, 2]), options={'axis': 1}, dtype='int8')
move('gather', 'last_axis', 'GATHER', [2, 4], [2, 3], T('int64', [3], data=[1, 3, 1]), options={'axis': -1})
move('gather', 'scalar_index', 'GATHER', [3, 2], [2], T('int32', [], values=[2]), options={'axis': 0})
move('gather', 'batch', 'GATHER', [2, 3, 4], [2, 2, 4], i32([2, 0, 1, 1], [2, 2]), options={'axis': 1, 'batch_dims': 1}, version=5)
move('gather', 'batch_last', 'GATHER', [2, 3, 4], [2, 3, 2], i32([2, 0, 1, 1], [2, 2]), options={'axis': 2, 'batch_dims': 1}, version=5, dtype='int8')
move('gather', 'negative_batch', 'GATHER', [2, 3], [2, 2], i32([2, 0, 1, 1], [2, 2]), options={'axis': 1, 'batch_dims': -1}, version=5)
move('gather', 'packed', 'GATHER', [4, 6], [3, 6], i32([2, 0, 3]), options={'axis': 0}, version=7, dtype='int4')
move('gather', 'int16_indices', 'GATHER', [4, 3], [2, 3], T('int16', [2], data=[1, 3]), options={'axis': 0}, version=6)
for d in PLAIN + ['string']:
    move('gather_nd', 'elements', 'GATHER_ND', [3, 4], [3], i32([0, 1, 2, 3, 1, 0], [3, 2]), dtype=d, version=5)
move('gather_nd', 'slices', 'GATHER_ND', [3, 2, 2], [2, 2, 2], i32([2, 0], [2, 1]))
move('gather_nd', 'batches', 'GATHER_ND', [3, 2], [2, 2], T('int64', [2, 2, 2], data=[0, 1, 2, 0, 1, 1, 0, 0]))
for d in ['float32', 'int32', 'int64', 'int8', 'uint8', 'boolean']:
    case('scatter_nd', f'rows_{d}', op='SCATTER_ND', inputs=[i32([4, 0, 4], [3, 1]), T(d, [3, 2]), i32([5, 2])], outputs=[T(d, [5, 2])])
case('scatter_nd', 'elements_fed_shape', op='SCATTER_ND', inputs=[fed([0, 1, 2, 0], [2, 2]), T('float32', [2]), fed([3, 2])], outputs=[T('float32', [-1, -1])])

# pad
for d in PLAIN:
    move('pad', 'zeros', 'PAD', [2, 3, 2], [3, 6, 2], i32([1, 0, 1, 2, 0, 0], [3, 2]), dtype=d, version=2) if d != 'boolean' else None
    p = quantized(d)
    if d != 'boolean':
        case('pad', f'value_{d}', op='PADV2', version=2, inputs=[T(d, [2, 3], **p), i32([0, 1, 2, 0], [2, 2]), T(d, [1], data=[5], **p)], outputs=[T(d, [3, 5], **p)])
        move('pad', 'reflect', 'MIRROR_PAD', [3, 4], [6, 7], i32([1, 2, 3, 0], [2, 2]), dtype=d, options={'mode': 'REFLECT'})
        move('pad', 'symmetric', 'MIRROR_PAD', [3, 4], [6, 10], i32([3, 0, 2, 4], [2, 2]), dtype=d, options={'mode': 'SYMMETRIC'})
move('pad', 'int64_paddings', 'PAD', [1, 2, 2, 1], [1, 4, 3, 1], T('int64', [4, 2], data=[0, 0, 1, 1, 0, 1, 0, 0]))
move('pad', 'fed', 'PAD', [2, 2], [-1, -1], fed([1, 1, 0, 2], [2, 2]), dtype='int8', version=2)
move('pad', 'rank_5', 'PAD', [1, 2, 1, 2, 2], [2, 2, 2, 3, 3], i32([1, 0, 0, 0, 0, 1, 1, 0, 0, 1], [5, 2]))
move('pad', 'mirror_rank_4', 'MIRROR_PAD', [1, 3, 3, 2], [1, 5, 6, 2], i32([0, 0, 1, 1, 2, 1, 0, 0], [4, 2]), options={'mode': 'REFLECT'})
case('pad', 'value_infinite', op='PADV2', inputs=[T('float32', [2]), i32([1, 1], [1, 2]), T('float32', [1], data=[float('-inf')])], outputs=[T('float32', [4])])

# tile, broadcast_to, broadcast_args, fill
for d in PLAIN + ['string']:
    move('tile', 'both', 'TILE', [2, 3], [4, 9], i32([2, 3]), dtype=d, version=2)
    if d != 'string':
        move('broadcast_to', 'rows', 'BROADCAST_TO', [1, 3], [2, 4, 3], i32([2, 4, 3]), dtype=d, version=2)
    p = quantized(d)
    case('fill', f'matrix_{d}', op='FILL', version=3, inputs=[i32([2, 3]), T(d, [], values=['tea'] if d == 'string' else None, **p)], outputs=[T(d, [2, 3], **p)])
move('tile', 'fed_int64', 'TILE', [2, 1, 2], [-1, -1, -1], fed([1, 3, 2], dtype='int64'))
move('tile', 'zero_times', 'TILE', [2, 3], [2, 0], i32([1, 0]))
move('broadcast_to', 'middle', 'BROADCAST_TO', [2, 1, 3, 1], [2, 4, 3, 2], fed([2, 4, 3, 2]), dtype='int8', version=2)
move('broadcast_to', 'scalar', 'BROADCAST_TO', [], [2, 3], T('int64', [2], data=[2, 3]), version=2)
case('broadcast_args', 'ranks', op='BROADCAST_ARGS', inputs=[fed([3, 1, 5]), fed([4, 1])], outputs=[T('int32', [3])])
case('broadcast_args', 'int64_scalar', op='BROADCAST_ARGS', inputs=[fed([1, 7], dtype='int64'), T('int64', [0], data=[])], outputs=[T('int64', [2])])
case('fill', 'fed_dims', op='FILL', inputs=[fed([3, 1, 2], dtype='int64'), T('int32', [])], outputs=[T('int32', [-1, -1, -1])])

# range, shape, rank, one_hot
for d, a, b, c in [('int32', 2, 11, 3), ('int32', 5, -6, -2), ('int64', 0, 4, 1), ('float32', 0.5, 3.0, 0.3), ('float32', 1, -1, -0.25)]:
    case('range', f'{d}_{a}_{b}_{c}'.replace('-', 'm').replace('.', '_'), op='RANGE', inputs=[T(d, [], values=[v]) for v in (a, b, c)], outputs=[T(d, [-1])])
case('range', 'constant', op='RANGE', inputs=[T('float32', [], data=[v]) for v in (0, 2, 0.1)], outputs=[T('float32', [20])])
case('shape', 'int32', op='SHAPE', options={'out_type': 'int32'}, inputs=[T('float32', [2, 3, 4])], outputs=[T('int32', [3])])
case('shape', 'int64', op='SHAPE', options={'out_type': 'int64'}, inputs=[T('int8', [5], **Q8)], outputs=[T('int64', [1])])
case('shape', 'resized', op='SHAPE', options={'out_type': 'int32'}, inputs=[T('float32', [1, 3], signature=[-1, 3], feed_shape=[4, 3])], outputs=[T('int32', [2])])
case('rank', 'three', op='RANK', inputs=[T('float32', [2, 3, 4])], outputs=[T('int32', [])])
for d in PLAIN:
    if d != 'int16':
        case('one_hot', f'last_{d}', op='ONE_HOT', options={'axis': -1}, inputs=[fed([0, 2, -1, 3, 1, 9], [2, 3]), T('int32', [], data=[4]), T(d, [], data=[1]), T(d, [], data=[0])],
             outputs=[T(d, [2, 3, 4])])
case('one_hot', 'first_fed', op='ONE_HOT', options={'axis': 0}, inputs=[fed([0, 2, 1], dtype='int64'), T('int32', [], values=[3]), T('float32', []), T('float32', [])],
     outputs=[T('float32', [-1, 3])])
case('one_hot', 'middle', op='ONE_HOT', options={'axis': 1}, inputs=[fed([0, 2, 1, 1], [2, 2]), T('int32', [], data=[3]), T('float32', [], data=[5]), T('float32', [], data=[-1])],
     outputs=[T('float32', [2, 3, 2])])

# reverse, reverse_sequence
for d in PLAIN:
    move('reverse', 'axis_1', 'REVERSE_V2', [2, 3, 2], [2, 3, 2], i32([1]), dtype=d, version=3)
    if d not in ('boolean', 'int8'):
        move('reverse_sequence', 'batch_0', 'REVERSE_SEQUENCE', [3, 4, 2], [3, 4, 2], fed([2, 0, 4]), dtype=d, options={'seq_dim': 1, 'batch_dim': 0})
move('reverse', 'two', 'REVERSE_V2', [2, 3, 4], [2, 3, 4], i32([-1, 1]))
move('reverse_sequence', 'batch_1', 'REVERSE_SEQUENCE', [4, 3, 2], [4, 3, 2], T('int64', [3], values=[1, 4, 3]), options={'seq_dim': 0, 'batch_dim': 1})

# space, depth, batch
for d in ['float32', 'int8', 'uint8', 'int32', 'int64']:
    move('space_to_depth', 'blocks_2', 'SPACE_TO_DEPTH', [2, 4, 6, 3], [2, 2, 3, 12], options={'block_size': 2}, dtype=d)
    move('depth_to_space', 'blocks_2', 'DEPTH_TO_SPACE', [2, 2, 3, 12], [2, 4, 6, 3], options={'block_size': 2}, dtype=d)
    if d != 'int32':
        move('space_to_batch_nd', 'padded', 'SPACE_TO_BATCH_ND', [2, 3, 4, 2], [12, 2, 2, 2], i32([2, 3]), i32([1, 0, 0, 2], [2, 2]), dtype=d, version=2)
    move('batch_to_space_nd', 'cropped', 'BATCH_TO_SPACE_ND', [12, 2, 2, 2], [2, 3, 4, 2], i32([2, 3]), i32([1, 0, 0, 2], [2, 2]), dtype=d, version=2)
move('space_to_depth', 'blocks_3', 'SPACE_TO_DEPTH', [1, 3, 6, 1], [1, 1, 2, 9], options={'block_size': 3})
move('depth_to_space', 'blocks_3', 'DEPTH_TO_SPACE', [1, 1, 2, 18], [1, 3, 6, 2], options={'block_size': 3})
move('space_to_batch_nd', 'rank_3', 'SPACE_TO_BATCH_ND', [2, 5, 2], [6, 3, 2], i32([3]), i32([2, 2], [1, 2]), version=3)
move('space_to_batch_nd', 'int16', 'SPACE_TO_BATCH_ND', [1, 2, 2, 1], [4, 2, 2, 1], i32([2, 2]), i32([1, 1, 2, 0], [2, 2]), dtype='int16', version=3)
move('space_to_batch_nd', 'fed', 'SPACE_TO_BATCH_ND', [1, 4, 4, 1], [-1, -1, -1, -1], fed([2, 2]), fed([0, 0, 0, 0], [2, 2]))
move('batch_to_space_nd', 'rank_3', 'BATCH_TO_SPACE_ND', [6, 2, 2], [2, 5, 2], i32([3]), i32([1, 0], [1, 2]), version=3)
move('batch_to_space_nd', 'deep_crop', 'BATCH_TO_SPACE_ND', [4, 2, 2, 1], [1, 1, 4, 1], i32([2, 2]), i32([3, 0, 0, 0], [2, 2]))

# resize
for d in ['float32', 'int8', 'uint8', 'int16']:
    for mode, options in [('asymmetric', {}), ('align', {'align_corners': True}), ('half', {'half_pixel_centers': True})]:
        for size in [(3, 5, 7, 4), (7, 4, 3, 9), (4, 4, 8, 8), (2, 3, 1, 1)]:
            h, w, oh, ow = size
            move('resize_bilinear', f'{mode}_{h}x{w}_{oh}x{ow}', 'RESIZE_BILINEAR', [1, h, w, 2], [1, oh, ow, 2], i32([oh, ow]), dtype=d, options=options, version=3)
            if d != 'uint8' and size[0] < 7:
                move('resize_nearest_neighbor', f'{mode}_{h}x{w}_{oh}x{ow}', 'RESIZE_NEAREST_NEIGHBOR', [1, h, w, 2], [1, oh, ow, 2], i32([oh, ow]), dtype=d, options=options, version=3)
move('resize_nearest_neighbor', 'both', 'RESIZE_NEAREST_NEIGHBOR', [2, 5, 3, 1], [2, 4, 7, 1], i32([4, 7]), options={'align_corners': True, 'half_pixel_centers': True}, dtype='uint8', version=3)
move('resize_bilinear', 'fed_batches', 'RESIZE_BILINEAR', [2, 3, 3, 3], [2, -1, -1, 3], fed([5, 2]))

# dynamic_update_slice, top_k, unique
for d in PLAIN:
    p = quantized(d)
    case('dynamic_update_slice', f'inside_{d}', op='DYNAMIC_UPDATE_SLICE', version=2, inputs=[T(d, [4, 5], **p), T(d, [2, 3], **p), fed([1, 2])], outputs=[T(d, [4, 5], **p)])
    if d != 'boolean':
        case('top_k', f'three_{d}', op='TOPK_V2', version=2, inputs=[T(d, [2, 7], low=-3 if d != 'uint8' else 0, high=3, **p), T('int32', [], data=[3])], outputs=[T(d, [2, 3], **p), T('int32', [2, 3])])
        case('unique', f'{d}', op='UNIQUE', options={'idx_out_type': 'int64' if d == 'int8' else 'int32'}, inputs=[T(d, [9], values=[3, 1, 3, 2, 2, 7, 1, 0, 3], **p)],
             outputs=[T(d, [-1], **p), T('int64' if d == 'int8' else 'int32', [9])])
case('dynamic_update_slice', 'clamped', op='DYNAMIC_UPDATE_SLICE', inputs=[T('float32', [3, 3]), T('float32', [2, 2]), T('int64', [2], values=[-4, 7])], outputs=[T('float32', [3, 3])])
case('dynamic_update_slice', 'whole', op='DYNAMIC_UPDATE_SLICE', inputs=[T('int32', [3]), T('int32', [3]), fed([1])], outputs=[T('int32', [3])])
case('top_k', 'all_fed', op='TOPK_V2', inputs=[T('float32', [2, 2, 4]), T('int32', [], values=[4])], outputs=[T('float32', [2, 2, -1]), T('int32', [2, 2, -1])])
case('top_k', 'int16_indices', op='TOPK_V2', version=3, inputs=[T('float32', [5], values=[1, 1, 3, float('nan'), 3]), T('int16', [], data=[4])], outputs=[T('float32', [4]), T('int16', [4])])

# segments, matrices, sparse, dilate
for d in ['float32', 'int32']:
    # Not among the reference kernels that LiteRT registers.
    case('segment_sum', f'rows_{d}', op='SEGMENT_SUM', inputs=[T(d, [4, 2], values=[1, 2, 3, 4, 5, 6, 7, 8]), i32([0, 0, 1, 2])],
         outputs=[T(d, [3, 2])], expect=[[[[4, 6], [5, 6], [7, 8]]]], by='the definition')
    for r in ['SUM', 'PROD', 'MAX', 'MIN']:
        case('unsorted_segment', f'{r.lower()}_{d}', op=f'UNSORTED_SEGMENT_{r}', inputs=[T(d, [5, 3]), i32([2, -1, 0, 2, 0]), T('int32', [], data=[4])], outputs=[T(d, [4, 3])])
case('segment_sum', 'fed', op='SEGMENT_SUM', inputs=[T('float32', [4], values=[1, 2, 3, 4]), fed([0, 1, 1, 2])], outputs=[T('float32', [-1])],
     expect=[[[1, 5, 4]]], by='the definition')
case('unsorted_segment', 'fed_matrix_ids', op='UNSORTED_SEGMENT_SUM', inputs=[T('float32', [2, 2, 3]), fed([1, 0, 1, 1], [2, 2]), T('int32', [1], values=[2])], outputs=[T('float32', [-1, 3])])
for d in ['float32', 'int32', 'int64', 'int8', 'uint8', 'int16']:
    move('matrix_diag', 'batch', 'MATRIX_DIAG', [2, 3], [2, 3, 3], dtype=d, q=False)
    case('matrix_set_diag', f'batch_{d}', op='MATRIX_SET_DIAG', inputs=[T(d, [2, 3, 4]), T(d, [2, 3])], outputs=[T(d, [2, 3, 4])])
    if d != 'int16':
        case('sparse_to_dense', f'tuples_{d}', op='SPARSE_TO_DENSE', inputs=[fed([0, 1, 2, 3], [2, 2]), i32([3, 4]), T(d, [2]), T(d, [], data=[7])], outputs=[T(d, [3, 4])])
    case('dilate', f'both_{d}', op='DILATE', inputs=[T(d, [2, 3]), i32([2, 3]), T(d, [], data=[9])], outputs=[T(d, [3, 7])])
case('matrix_set_diag', 'tall', op='MATRIX_SET_DIAG', inputs=[T('float32', [4, 2]), T('float32', [2])], outputs=[T('float32', [4, 2])])
case('sparse_to_dense', 'vector_scalar', op='SPARSE_TO_DENSE', inputs=[fed([1, 3]), i32([5]), T('float32', []), T('float32', [], data=[0])], outputs=[T('float32', [5])])
case('sparse_to_dense', 'fed_shape_int64', op='SPARSE_TO_DENSE', inputs=[T('int64', [], values=[2]), T('int64', [1], values=[4]), T('int32', [1]), T('int32', [], data=[-1])], outputs=[T('int32', [-1])])
case('dilate', 'one_axis', op='DILATE', inputs=[T('float32', [2, 3, 2]), i32([1, 2, 1]), T('float32', [], data=[0.5])], outputs=[T('float32', [2, 5, 2])])

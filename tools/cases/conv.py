# Cases of convolutions, matrix products and embedding lookups.
from litert_cases import T, Node, case
import numpy as np

rng = np.random.default_rng(7)


def scales(n, low=0.002, high=0.02):
    return [round(float(s), 5) for s in rng.uniform(low, high, n)]


def conv(name, dtype='int8', op='CONV_2D', n=1, h=5, w=4, c=3, o=4, kh=3, kw=3, stride=(1, 1), dilation=(1, 1), padding='SAME', act='NONE', groups=1,
         per_channel=True, wdtype=None, bias=True, zp=3, wzp=0, ozp=-5, oscale=0.05, version=3, bias_dtype=None, multiplier=1, in_scale=0.02, extra=None,
         runtime_weights=False, **kw_case):
    hybrid = dtype == 'float32' and wdtype not in (None, 'float32')
    wdtype = wdtype or {'float32': 'float32', 'int16': 'int8'}.get(dtype, dtype)
    depthwise = op == 'DEPTHWISE_CONV_2D'
    o = c * multiplier if depthwise else o
    wshape = [1, kh, kw, o] if depthwise else [o, kh, kw, c // groups]
    q = dtype != 'float32'
    if dtype == 'int16':
        zp = ozp = 0
        in_scale, oscale = 0.0005, 0.001
    weights = T(wdtype, wshape, data=None if runtime_weights else 'random', low=-1 if wdtype == 'float32' else None, high=1 if wdtype == 'float32' else None)
    if wdtype != 'float32':
        weights.scale, weights.zero_point, weights.axis = (scales(o) if per_channel else 0.01), ([0] * o if per_channel else wzp), (3 if depthwise and per_channel else 0)
    bdtype = bias_dtype or {'float32': 'float32', 'int16': 'int64'}.get(dtype, 'int32')
    b = T(bdtype, [o], data='random', low=-2000 if q else -1, high=2000 if q else 1)
    if q:
        b.scale = 0.0002 if wdtype != 'float32' and not per_channel else [0.0001] * o if per_channel else None
        if not per_channel:
            b.scale = in_scale * 0.01
    x = T(dtype, [n, h, w, c], scale=in_scale if q else None, zero_point=zp if q else 0)
    span = lambda size, k, s, d: -(-size // s) if padding == 'SAME' else (size - (k - 1) * d - 1) // s + 1
    y = T(dtype, [n, span(h, kh, stride[0], dilation[0]), span(w, kw, stride[1], dilation[1]), o], scale=oscale if q else None, zero_point=ozp if q else 0)
    options = {'padding': padding, 'stride_h': stride[0], 'stride_w': stride[1], 'dilation_h_factor': dilation[0], 'dilation_w_factor': dilation[1],
               'fused_activation_function': act, **(extra or {})}
    if depthwise:
        options['depth_multiplier'] = multiplier
    file = {'CONV_2D': 'conv_2d', 'DEPTHWISE_CONV_2D': 'depthwise_conv_2d'}[op]
    case(file, name, op=op, version=version, options=options, inputs=[x, weights] + ([b] if bias else []), outputs=[y], **kw_case)


D = 'DEPTHWISE_CONV_2D'
for op, extra in (('CONV_2D', {}), (D, {})):
    v = 3
    for act in ('NONE', 'RELU', 'RELU6', 'RELU_N1_TO_1'):
        conv(f'int8_{act.lower()}', op=op, act=act, **extra)
        conv(f'float_{act.lower()}', 'float32', op=op, act=act, padding='VALID', version=1)
        conv(f'uint8_{act.lower()}', 'uint8', op=op, act=act, zp=121, wzp=140, ozp=90, per_channel=False, version=1)
    conv('int8_valid_stride', op=op, padding='VALID', stride=(2, 3), h=11, w=13)
    conv('int8_same_stride', op=op, stride=(2, 2), h=8, w=9, n=2)
    conv('int8_dilated', op=op, dilation=(2, 3), h=9, w=11, version=2)
    conv('float_dilated_same_stride_1x2', 'float32', op=op, dilation=(2, 2), stride=(1, 1), h=9, w=9, version=2)
    conv('uint8_dilated_valid', 'uint8', op=op, dilation=(2, 1), padding='VALID', zp=3, wzp=255, ozp=0, per_channel=False, h=9, w=9, version=2)
    conv('int8_per_tensor', op=op, per_channel=False)
    conv('int8_extreme_zero_points', op=op, zp=-128, ozp=127, oscale=0.3)
    conv('int8_tiny_output_scale', op=op, oscale=0.0003)
    conv('int8_huge_output_scale', op=op, oscale=7.0)
    conv('int8_input_zero_point_127', op=op, zp=127, ozp=-128, oscale=0.2)
    conv('int4', op=op, wdtype='int4', version=7 if op == 'CONV_2D' else 6)
    conv('int4_per_tensor_odd', op=op, wdtype='int4', per_channel=False, h=5, w=5, c=3, o=3, kh=1, kw=3, version=7 if op == 'CONV_2D' else 6)
    conv('int16', 'int16', op=op, version=4 if op == 'CONV_2D' else 5)
    conv('int16_relu6_stride', 'int16', op=op, act='RELU6', stride=(2, 1), version=4 if op == 'CONV_2D' else 5)
    conv('int16_per_tensor', 'int16', op=op, per_channel=False, version=4 if op == 'CONV_2D' else 5)
    conv('hybrid_int8', 'float32', op=op, wdtype='int8', n=2)
    conv('hybrid_int8_relu6_stride_dilated', 'float32', op=op, wdtype='int8', act='RELU6', stride=(2, 1), dilation=(1, 1), padding='VALID', n=3)
    conv('one_by_one', op=op, kh=1, kw=1, h=5, w=5)
    conv('float_one_by_one_wide', 'float32', op=op, kh=1, kw=1, h=3, w=9, c=17, o=9)
    conv('filter_larger_than_input', op=op, kh=5, kw=5, h=2, w=3)
    conv('runtime_weights_float', 'float32', op=op, runtime_weights=True)
    conv('runtime_weights_int8', op=op, runtime_weights=True, c=4)
conv('int8_no_multiple_of_tile', w=5, c=19, o=7, kh=1, kw=1)
conv('int8_deep', c=64, o=16, h=3, w=3, oscale=0.4)
conv('int8_groups_2', c=6, o=4, groups=2)
conv('int8_groups_3_stride', c=6, o=9, groups=3, stride=(2, 2), act='RELU')
conv('float_groups', 'float32', c=6, o=4, groups=2)
conv('uint8_groups', 'uint8', c=6, o=4, groups=2, zp=100, wzp=120, ozp=7, per_channel=False)
conv('int16_groups', 'int16', c=6, o=6, groups=3)
conv('hybrid_groups', 'float32', wdtype='int8', c=6, o=4, groups=2)
conv('hybrid_per_tensor', 'float32', wdtype='int8', per_channel=False, n=2)
conv('hybrid_per_tensor_dilated', 'float32', wdtype='int8', per_channel=False, dilation=(2, 2), h=9, w=9, act='RELU')
conv('hybrid_per_tensor_1x1', 'float32', wdtype='int8', per_channel=False, kh=1, kw=1)
conv('hybrid_int4', 'float32', wdtype='int4', version=6)
conv('int16_bias32_narrow', 'int16', bias_dtype='int32', extra={'quantized_bias_type': 'INT32'}, version=8)
conv('depth_multiplier_2_int8', op=D, multiplier=2, c=3)
conv('depth_multiplier_3_uint8', 'uint8', op=D, multiplier=3, c=2, zp=10, wzp=99, ozp=130, per_channel=False)
conv('depth_multiplier_2_float', 'float32', op=D, multiplier=2, c=3, stride=(2, 2))
conv('depth_multiplier_4_int16', 'int16', op=D, multiplier=4, c=2, version=5)
conv('depth_multiplier_2_hybrid', 'float32', op=D, multiplier=2, c=3, wdtype='int8', version=6)
conv('one_channel_multiplier_8', op=D, multiplier=8, c=1, h=10, w=9, stride=(2, 2), act='RELU')
conv('wide_channels', op=D, c=37, h=4, w=4)


def transpose(name, dtype='float32', n=1, h=4, w=3, c=3, o=5, kh=3, kw=3, stride=(2, 2), padding='SAME', act='NONE', bias=True, per_channel=True, wdtype=None,
              zp=2, wzp=0, ozp=-7, version=4, shape_input=False, bias_dtype=None, extra=None, out=None):
    hybrid = dtype == 'float32' and wdtype
    wdtype = wdtype or {'int16': 'int8'}.get(dtype, dtype)
    q = dtype != 'float32'
    in_scale, oscale = (0.0005, 0.002) if dtype == 'int16' else (0.02, 0.1)
    if dtype == 'int16':
        zp = ozp = 0
    if out is None:
        out = (h * stride[0], w * stride[1]) if padding == 'SAME' else ((h - 1) * stride[0] + kh, (w - 1) * stride[1] + kw)
    weights = T(wdtype, [o, kh, kw, c], data='random', low=-1 if wdtype == 'float32' else None, high=1 if wdtype == 'float32' else None)
    if wdtype != 'float32':
        weights.scale, weights.zero_point = (scales(o), [wzp] * o) if per_channel else (0.01, wzp)
    b = T(bias_dtype or {'float32': 'float32', 'int16': 'int64'}.get(dtype, 'int32'), [o], data='random', low=-500 if q else -1, high=500 if q else 1,
          scale=in_scale * 0.01 if q else None)
    shape = T('int32', [4], data=None if shape_input else [n, *out, o], values=[n, *out, o])
    x = T(dtype, [n, h, w, c], scale=in_scale if q else None, zero_point=zp if q else 0)
    y = T(dtype, [n, *out, o], scale=oscale if q else None, zero_point=ozp if q else 0)
    case('transpose_conv_2d', name, op='TRANSPOSE_CONV', version=version, inputs=[shape, weights, x] + ([b] if bias else []), outputs=[y],
         options={'padding': padding, 'stride_h': stride[0], 'stride_w': stride[1], 'fused_activation_function': act, **(extra or {})})


for padding in ('SAME', 'VALID'):
    for dtype in ('float32', 'int8', 'int16'):
        transpose(f'{dtype}_{padding.lower()}', dtype, padding=padding)
        transpose(f'{dtype}_{padding.lower()}_relu', dtype, padding=padding, act='RELU', stride=(1, 2), n=2)
    transpose(f'uint8_{padding.lower()}', 'uint8', padding=padding, zp=120, wzp=130, ozp=100, per_channel=False, version=3)
    transpose(f'hybrid_{padding.lower()}', padding=padding, wdtype='int8', n=2)
transpose('hybrid_per_tensor', wdtype='int8', per_channel=False)
transpose('no_bias_float', bias=False, version=1)
transpose('no_bias_int8', 'int8', bias=False, version=2)
transpose('int8_per_tensor_relu6', 'int8', per_channel=False, act='RELU6')
transpose('int16_bias32', 'int16', bias_dtype='int32', extra={'quantized_bias_type': 'INT32'}, version=5)
transpose('filter_smaller_than_stride', kh=2, kw=2, stride=(3, 3), padding='VALID', out=(12, 9))
transpose('filter_even', 'int8', kh=4, kw=4)
transpose('odd_output', out=(7, 5))
transpose('odd_output_int8', 'int8', out=(7, 5))
transpose('shape_is_an_input', shape_input=True)


def dense(name, dtype='int8', rows=(3,), k=10, o=6, act='NONE', wdtype=None, per_channel=False, bias=True, zp=4, wzp=0, ozp=-9, oscale=0.07, version=4, keep=False,
          asym=False, odtype=None, bias_dtype=None, extra=None, runtime_weights=False, in_shape=None, tolerance=None):
    wdtype = wdtype or {'int16': 'int8'}.get(dtype, dtype)
    q = dtype != 'float32'
    in_scale = 0.0005 if dtype == 'int16' else 0.02
    if dtype == 'int16':
        zp = ozp = 0
        oscale = 0.001
    # SSE kernels of LiteRT's hybrid layers negate a stored -128 wrongly; quantizers make none.
    weights = T(wdtype, [o, k], data=None if runtime_weights else 'random', low=-1 if wdtype == 'float32' else -127 if wdtype == 'int8' else None, high=1 if wdtype == 'float32' else None)
    if wdtype != 'float32':
        weights.scale, weights.zero_point = (scales(o), [wzp] * o) if per_channel else (0.01, wzp)
    b = T(bias_dtype or {'float32': 'float32', 'int16': 'int64'}.get(dtype, 'int32'), [o], data='random', low=-500 if q else -1, high=500 if q else 1,
          scale=in_scale * 0.01 if q else None)
    x = T(dtype, list(in_shape or [*rows, k]), scale=in_scale if q else None, zero_point=zp if q else 0)
    total = int(np.prod(x.shape)) // k
    y = T(odtype or dtype, [*rows, o] if keep else [total, o], scale=oscale if q else None, zero_point=ozp if q and odtype is None else 0)
    case('fully_connected', name, op='FULLY_CONNECTED', version=version, inputs=[x, weights, b if bias else None] if bias is not None else [x, weights], outputs=[y],
         options={'fused_activation_function': act, 'keep_num_dims': keep, 'asymmetric_quantize_inputs': asym, **(extra or {})},
         **({'tolerance': tolerance} if tolerance else {}))


for act in ('NONE', 'RELU', 'RELU6', 'RELU_N1_TO_1'):
    dense(f'int8_{act.lower()}', act=act)
    dense(f'float_{act.lower()}', 'float32', act=act, version=1)
    dense(f'uint8_{act.lower()}', 'uint8', act=act, zp=99, wzp=131, ozp=120, version=1)
    dense(f'hybrid_{act.lower()}', 'float32', wdtype='int8', act=act, version=3)
    dense(f'int16_{act.lower()}', 'int16', act=act, version=7)
dense('int8_weight_zero_point', wzp=17)
dense('int8_per_channel', per_channel=True, k=33, o=9, rows=(5,), version=11)
dense('int8_no_bias', bias=False, version=6)
dense('int8_two_operands', bias=None)
dense('int8_keep_num_dims', rows=(2, 3), keep=True, version=5)
dense('int8_flattened', in_shape=(2, 5, 4), k=10)
dense('float_keep_num_dims', 'float32', rows=(2, 1, 3), keep=True, version=5)
dense('float_rank_1', 'float32', in_shape=(10,))
dense('float_deep', 'float32', k=70, o=9, rows=(5,), version=1)
dense('int8_deep', k=130, o=9, rows=(7,), oscale=0.3)
dense('uint8_to_int16', 'uint8', odtype='int16', zp=99, wzp=131, oscale=0.0005, version=1)
dense('int4', wdtype='int4', version=10)
dense('int4_per_channel', wdtype='int4', per_channel=True, k=9, version=10)
dense('int2_per_channel', wdtype='int2', per_channel=True, k=12, version=14)
dense('int16_per_channel', 'int16', per_channel=True, version=11)
dense('int16_bias32', 'int16', bias_dtype='int32', extra={'quantized_bias_type': 'INT32'}, version=11)
dense('int16_no_bias', 'int16', bias=False, version=7)
dense('int16_int4', 'int16', wdtype='int4', version=12)
dense('hybrid_asymmetric', 'float32', wdtype='int8', asym=True, version=9)
dense('hybrid_per_channel', 'float32', wdtype='int8', per_channel=True, rows=(4,), version=12)
dense('hybrid_per_channel_asymmetric', 'float32', wdtype='int8', per_channel=True, asym=True, rows=(4,), k=64, version=12)
dense('hybrid_int4', 'float32', wdtype='int4', version=10)
dense('hybrid_int4_per_channel_asymmetric', 'float32', wdtype='int4', per_channel=True, asym=True, version=12)
dense('hybrid_int2', 'float32', wdtype='int2', per_channel=True, k=16, version=14)
dense('hybrid_tanh', 'float32', wdtype='int8', act='TANH', version=3)
dense('runtime_weights_int8', runtime_weights=True)
dense('runtime_weights_float', 'float32', runtime_weights=True)
dense('runtime_weights_hybrid', 'float32', wdtype='int8', runtime_weights=True, version=3)


def matmul(name, dtype='int8', x=(2, 3, 5), y=(2, 5, 4), adj_x=False, adj_y=False, ydtype=None, odtype=None, asym=False, per_channel=False, constant=False, zp=(3, -4, 5),
           version=2, **kw):
    ydtype = ydtype or dtype
    q = dtype != 'float32'
    if dtype == 'int16':
        zp = (0, 0, 0)
    turn = lambda s, adj: [*s[:-2], s[-1], s[-2]] if adj else list(s)
    batch = list(np.broadcast_shapes(x[:-2], y[:-2]))
    a = T(dtype, turn(x, adj_x), scale=(0.001 if dtype == 'int16' else 0.03) if q else None, zero_point=zp[0] if q else 0)
    b = T(ydtype, turn(y, adj_y), scale=0.02 if ydtype != 'float32' else None, zero_point=zp[1] if q else 0, data='random' if constant else None)
    if per_channel:
        b.scale, b.zero_point, b.axis = scales(y[-1]), [0] * y[-1], len(y) - (2 if adj_y else 1)
    raw = odtype == 'int32'
    c = T(odtype or dtype, [*batch, x[-2], y[-1]], scale=(0.002 if dtype == 'int16' else 0.2) if q and not raw else None, zero_point=zp[2] if q and not raw else 0)
    case('batch_matmul', name, op='BATCH_MATMUL', version=version, options={'adj_x': adj_x, 'adj_y': adj_y, 'asymmetric_quantize_inputs': asym}, inputs=[a, b], outputs=[c], **kw)


for dtype in ('float32', 'int8', 'int16'):
    for adj_x in (False, True):
        for adj_y in (False, True):
            matmul(f'{dtype}_{"tx" if adj_x else "x"}_{"ty" if adj_y else "y"}', dtype, adj_x=adj_x, adj_y=adj_y)
    matmul(f'{dtype}_broadcast', dtype, x=(1, 2, 3, 4), y=(3, 1, 4, 5))
    matmul(f'{dtype}_broadcast_rank', dtype, x=(2, 3, 4), y=(4, 5))
    matmul(f'{dtype}_broadcast_left', dtype, x=(3, 4), y=(2, 4, 5))
    matmul(f'{dtype}_constant', dtype, constant=True, adj_y=True)
    matmul(f'{dtype}_plain', dtype, x=(7, 33), y=(33, 9))
    matmul(f'{dtype}_rank_5', dtype, x=(2, 1, 2, 3, 4), y=(1, 2, 2, 4, 3))
matmul('int16_int8', 'int16', ydtype='int8', version=4)
matmul('int8_to_int32', odtype='int32', zp=(0, 0, 0))
for asym in (False, True):
    s = 'asymmetric' if asym else 'symmetric'
    matmul(f'hybrid_{s}', 'float32', ydtype='int8', constant=True, asym=asym, version=4)
    matmul(f'hybrid_{s}_per_channel', 'float32', x=(3, 8), y=(8, 6), ydtype='int8', constant=True, asym=asym, per_channel=True, adj_y=True, version=4)
    matmul(f'hybrid_{s}_transposed', 'float32', ydtype='int8', constant=True, asym=asym, adj_x=True, adj_y=True, version=4)

for act in ('NONE', 'RELU', 'RELU6'):
    for padding in ('SAME', 'VALID'):
        case('conv_3d', f'{act.lower()}_{padding.lower()}', op='CONV_3D', options={'padding': padding, 'stride_d': 1, 'stride_h': 2, 'stride_w': 1, 'fused_activation_function': act},
             inputs=[T('float32', [1, 4, 5, 4, 2]), T('float32', [2, 3, 2, 2, 3], data='random', low=-1, high=1), T('float32', [3], data='random')],
             outputs=[T('float32', [1, 4, 3, 4, 3] if padding == 'SAME' else [1, 3, 2, 3, 3])])
case('conv_3d', 'dilated_no_bias', op='CONV_3D', options={'padding': 'SAME', 'stride_d': 1, 'stride_h': 1, 'stride_w': 1, 'dilation_d_factor': 2, 'dilation_h_factor': 1, 'dilation_w_factor': 2},
     inputs=[T('float32', [2, 5, 4, 5, 1]), T('float32', [2, 2, 2, 1, 2], data='random')], outputs=[T('float32', [2, 5, 4, 5, 2])])
for padding, out in (('SAME', [1, 4, 6, 4, 3]), ('VALID', [1, 5, 6, 4, 3])):
    case('transpose_conv_3d', padding.lower(), op='CONV_3D_TRANSPOSE', options={'padding': padding, 'stride_d': 2, 'stride_h': 2, 'stride_w': 1, 'fused_activation_function': 'NONE'},
         inputs=[T('int32', [5], data=out), T('float32', [3, 2, 2, 3, 2], data='random', low=-1, high=1),
                 T('float32', [1, 2, 3, 4 if padding == 'SAME' else 3, 2]), T('float32', [3], data='random')], outputs=[T('float32', out)])
case('transpose_conv_3d', 'no_bias_relu', op='CONV_3D_TRANSPOSE', options={'padding': 'SAME', 'stride_d': 1, 'stride_h': 2, 'stride_w': 2, 'fused_activation_function': 'RELU'},
     inputs=[T('int32', [5], data=[2, 3, 4, 6, 2]), T('float32', [3, 3, 3, 2, 1], data='random', low=-1, high=1), T('float32', [2, 3, 2, 3, 1])], outputs=[T('float32', [2, 3, 4, 6, 2])])

ids = lambda: T('int32', [4], values=[2, 0, 5, 2], low=0, high=5)
case('embedding_lookup', 'float', op='EMBEDDING_LOOKUP', inputs=[ids(), T('float32', [6, 3], data='random')], outputs=[T('float32', [4, 3])])
case('embedding_lookup', 'float_rank_3', op='EMBEDDING_LOOKUP', inputs=[ids(), T('float32', [6, 2, 3], data='random')], outputs=[T('float32', [4, 2, 3])])
case('embedding_lookup', 'int8', op='EMBEDDING_LOOKUP', version=3, inputs=[ids(), T('int8', [6, 3], scale=0.1, zero_point=4, data='random')], outputs=[T('int8', [4, 3], scale=0.1, zero_point=4)])
for d, v in (('int8', 3), ('int4', 4), ('int2', 5)):
    case('embedding_lookup', f'{d}_to_float', op='EMBEDDING_LOOKUP', version=v, inputs=[ids(), T(d, [6, 8], scale=0.1, data='random')], outputs=[T('float32', [4, 8])])
    case('embedding_lookup', f'{d}_to_float_per_row', op='EMBEDDING_LOOKUP', version=v, inputs=[ids(), T(d, [6, 8], scale=scales(6), zero_point=[0] * 6, data='random')], outputs=[T('float32', [4, 8])])

# Zero points of weights with a scale per row, and of hybrid weights, are passed over by the kernels.
dense('int8_per_channel_zero_point', per_channel=True, wzp=5, k=33, o=9, rows=(5,), version=11)
dense('int16_per_channel_zero_point', 'int16', per_channel=True, wzp=5, version=11)
dense('hybrid_zero_point', 'float32', wdtype='int8', wzp=5, version=3)
dense('hybrid_per_channel_zero_point', 'float32', wdtype='int8', per_channel=True, wzp=5, rows=(4,), version=12)

"""Cases of detection, signal and custom ops. See litert_cases.py."""
import numpy as np

from litert_cases import T, case


def detection(name, dtype='float32', boxes=12, classes=4, background=1, seed=0, **options):
    rng = np.random.default_rng(seed)
    quantized = {'boxes': dict(scale=0.08, zero_point=128), 'scores': dict(scale=1 / 256, zero_point=0), 'anchors': dict(scale=0.005, zero_point=5)}
    stored = dtype == 'uint8'
    anchors = np.concatenate([rng.uniform(0.2, 0.8, (boxes, 2)), rng.uniform(0.15, 0.4, (boxes, 2))], 1)
    if stored:
        anchors = np.round(anchors / 0.005) + 5
    n = options.setdefault('max_detections', 5) * options.setdefault('max_classes_per_detection', 1)
    options = {'num_classes': classes, 'nms_score_threshold': 0.1, 'nms_iou_threshold': 0.5, 'y_scale': 10.0, 'x_scale': 10.0, 'h_scale': 5.0, 'w_scale': 5.0, **options}
    at = lambda k: quantized[k] if stored else {}
    case('detection_post_process', f'{name}_{dtype}', op='custom:TFLite_Detection_PostProcess', options=options,
         inputs=[T(dtype, [1, boxes, 4], low=None if stored else -2, high=None if stored else 2, **at('boxes')),
                 T(dtype, [1, boxes, classes + background], low=None if stored else 0, high=None if stored else 1, **at('scores')),
                 T(dtype, [boxes, 4], data=anchors, **at('anchors'))],
         outputs=[T('float32', [1, n, 4]), T('float32', [1, n]), T('float32', [1, n]), T('float32', [1])])


for d in ['float32', 'uint8']:
    detection('fast', d)
    detection('fast_no_background', d, background=0, seed=1)
    detection('fast_two_classes', d, max_classes_per_detection=2, boxes=30, seed=2)
    detection('regular', d, use_regular_nms=True, detections_per_class=3, boxes=30, seed=3)
    detection('regular_many', d, use_regular_nms=True, max_detections=20, boxes=40, classes=6, seed=4)
    detection('strict', d, nms_iou_threshold=0.05, boxes=30, max_detections=4, seed=5)


def scalar(value, dtype='float32', fed=False):
    return T(dtype, [], **({'values': [value]} if fed else {'data': [value]}))


corners = np.random.default_rng(7).uniform(0, 1, (14, 4)).round(2)
for name, most, iou, least in [('some', 6, 0.5, 0.3), ('all', 14, 1.0, 0.0), ('few', 3, 0.1, 0.2)]:
    case('non_max_suppression', name, op='NON_MAX_SUPPRESSION_V4',
         inputs=[T('float32', [14, 4], values=corners), T('float32', [14], low=0, high=1), scalar(most, 'int32'), scalar(iou), scalar(least)],
         outputs=[T('int32', [most]), T('int32', [])])
for name, most, sigma in [('soft', 8, 0.5), ('softer', 14, 0.1), ('hard', 8, 0.0)]:
    case('non_max_suppression', name, op='NON_MAX_SUPPRESSION_V5',
         inputs=[T('float32', [14, 4], values=corners), T('float32', [14], low=0, high=1), scalar(most, 'int32'), scalar(0.6), scalar(0.2), scalar(sigma)],
         outputs=[T('int32', [most]), T('float32', [most]), T('int32', [])])

for name, shape, length, out in [('square', [4, 4], [4, 4], [4, 3]), ('padded', [3, 5], [4, 8], [4, 5]), ('cut', [6, 20], [2, 16], [2, 9]),
                                 ('batch', [3, 1, 60], [1, 64], [3, 1, 33]), ('tall', [16, 2], [16, 2], [16, 2])]:
    case('rfft_2d', name, op='RFFT2D', inputs=[T('float32', shape), T('int32', [2], data=length)], outputs=[T('complex64', out)])

# The audio front end. LiteRT has no such ops; the numbers are those of the tests of TensorFlow Lite Micro's signal library.
MICRO = 'the tests of TensorFlow Lite Micro'


def signal(name, op, inputs, outputs, **options):
    """inputs and outputs: (dtype, values), or (dtype, values, shape); the first input is fed, the others are constants."""
    def shape(t):
        return list(t[2]) if len(t) > 2 else [len(t[1])]
    case(name.split('/')[0], name.split('/')[1], op=f'custom:{op}', options=options or None,
         inputs=[T(t[0], shape(t), **{'data' if i else 'values': t[1]}) for i, t in enumerate(inputs)],
         outputs=[T(t[0], shape(t)) for t in outputs], expect=[[np.array(t[1]).reshape(shape(t)).tolist() for t in outputs]], by=MICRO)


ramp = [256 * i for i in range(16)]
signal('signal_window/shift_12', 'SignalWindow', [('int16', ramp), ('int16', ramp[::-1])],
       [('int16', [0, 224, 416, 576, 704, 800, 864, 896, 896, 864, 800, 704, 576, 416, 224, 0])], shift=12)
signal('signal_window/saturated', 'SignalWindow', [('int16', [1221, 1920, 9531, 2795, -9531, 371]), ('int16', [1323, 764, 9100, 4220, 9100, 9311])],
       [('int16', [6310, 5730, 32767, 32767, -32768, 13493])], shift=8)
signal('signal_energy/middle', 'SignalEnergy', [('int16', list(range(1, 17)))], [('uint32', [0, 0, 61, 113, 0, 0, 0, 0])], start_index=2, end_index=4)
signal('signal_energy/end', 'SignalEnergy', [('int16', list(range(1, 17)))], [('uint32', [0, 0, 0, 0, 181, 265, 365, 481])], start_index=4, end_index=8)
signal('signal_rfft/impulse', 'SignalRfft', [('int16', [16384] + [0] * 63)], [('int16', [256, 0] * 33)], T=7, fft_length=64)
signal('signal_filter_bank_log/scale_1600', 'SignalFilterBankLog', [('uint32', [29, 21, 29, 40, 19, 11, 13, 23, 5, 4, 46, 6, 2])],
       [('int16', [8715, 8198, 8715, 9229, 8038, 7164, 7431, 8344, 5902, 5545, 9453, 6194, 4436])], output_scale=1600, input_correction_bits=3)
signal('signal_filter_bank_log/saturated', 'SignalFilterBankLog', [('uint32', [48, 20, 19, 24, 35, 14, 18, 0])],
       [('int16', [32767, 15121, 13440, 21095, 32767, 3434, 11669, 0])], output_scale=32768, input_correction_bits=5)
signal('signal_filter_bank_square_root/wide', 'SignalFilterBankSquareRoot',
       [('uint64', [10528000193, 28362909357, 47577133750, 8466055850, 515262774, 276394561, 55815334, 28232446]), ('int32', [7], [])],
       [('uint32', [801, 1315, 1704, 718, 177, 129, 58, 41])])
GAIN = [32636, 32633, 32630, -6, 0, -21589, 32624, -12, 0, -21589, 32612, -23, -2, -21589, 32587, -48, 0, -21589, 32539, -96, 0, -21589, 32443, -190, 0, -21589,
        32253, -378, 4, -21589, 31879, -739, 18, -21589, 31158, -1409, 62, -21589, 29811, -2567, 202, -21589, 27446, -4301, 562, -21589, 23707, -6265, 1230, -21589,
        18672, -7458, 1952, -21589, 13166, -7030, 2212, -21589, 8348, -5342, 1868, -21589, 4874, -3459, 1282, -21589]
signal('signal_pcan/shift_6', 'SignalPCAN',
       [('uint32', [286, 298, 305, 291, 290, 279, 273, 257, 64, 72, 171, 245]),
        ('uint32', [7310, 18308, 7796, 17878, 7413, 17141, 6978, 15789, 1636, 4423, 4371, 15052]), ('int16', GAIN)],
       [('uint32', [1301, 836, 1354, 827, 1312, 811, 1263, 779, 378, 344, 908, 761])], snr_shift=6)
signal('signal_filter_bank_spectral_subtraction/16_channels', 'SignalFilterBankSpectralSubtraction',
       [('uint32', [393, 213, 408, 1, 361, 385, 386, 326, 170, 368, 368, 305, 152, 322, 213, 319])],
       [('uint32', [378, 205, 392, 1, 347, 370, 371, 313, 164, 354, 354, 293, 146, 310, 205, 307]),
        ('uint32', [15, 8, 16, 0, 14, 15, 15, 13, 6, 14, 14, 12, 6, 12, 8, 12])],
       alternate_one_minus_smoothing=15729, alternate_smoothing=655, clamping=0, min_signal_remaining=819, num_channels=16, one_minus_smoothing=15729,
       smoothing=655, smoothing_bits=0, spectral_subtraction_bits=14)
signal('signal_fft_auto_scale/quiet', 'SignalFftAutoScale', [('int16', [5, -300, 17, 0])], [('int16', [320, -19200, 1088, 0]), ('int32', [6], [])])

# One person all of whose keypoints fall on one place.
heat = np.full((1, 3, 4, 17), -10.0)
heat[0, 1, 2] = 3.0
sure = 1 / (1 + np.exp(-3.0))
none = [0.0] * 17
case('posenet_decoder', 'one_person', op='custom:PosenetDecoderOp',
     options={'max_detections': 2, 'nms_radius': 10.0, 'score_threshold': 0.2, 'stride': 16},
     inputs=[T('float32', [1, 3, 4, 17], values=heat), T('float32', [1, 3, 4, 34], values=np.zeros((1, 3, 4, 34))), T('float32', [1, 3, 4, 64], values=np.zeros((1, 3, 4, 64)))],
     outputs=[T('float32', [1, 2, 17, 2]), T('float32', [1, 2, 17]), T('float32', [1, 2]), T('float32', [1])],
     expect=[[[[[[16.0, 32.0]] * 17, [[0.0, 0.0]] * 17]], [[[sure] * 17, none]], [[sure, 0.0]], [1.0]]], by='the definition')

# MediaPipe's ops, whose options are TfLitePoolParams: padding, stride w and h, filter w and h, activation.
pool = np.int32([2, 2, 2, 2, 2, 0]).tobytes()
image = [[1, 5, 0, -1], [2, 3, -2, -4], [9, 8, 7, 6], [1, 2, 3, 7]]
case('max_pool_with_argmax', 'windows', op='custom:MaxPoolingWithArgmax2D', options=pool, inputs=[T('float32', [1, 4, 4, 1], values=image)],
     outputs=[T('float32', [1, 2, 2, 1]), T('float32', [1, 2, 2, 1])], by='the definition',
     expect=[[[[[[5.0], [0.0]], [[9.0], [7.0]]]], [[[[1.1], [0.1]], [[0.1], [0.1]]]]]])
case('max_unpooling_2d', 'windows', op='custom:MaxUnpooling2D', options=pool,
     inputs=[T('float32', [1, 2, 2, 1], values=[5, 0.5, 9, 7]), T('float32', [1, 2, 2, 1], values=[1.1, 0.1, 0.1, 3.1])], outputs=[T('float32', [1, 4, 4, 1])],
     expect=[[np.reshape([0, 5, 0.5, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 7.0], (1, 4, 4, 1)).tolist()]], by='the definition')
turn = np.float32([[0, -1, 0, 3], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])[None]
case('transform_landmarks', 'turned', op='custom:TransformLandmarks', version=2,
     inputs=[T('float32', [1, 2, 3], values=[1, 2, 9, 0, 4, 8]), T('float32', [1, 4, 4], values=turn)], outputs=[T('float32', [1, 2, 3])],
     expect=[[[[[1.0, 1.0, 9.0], [-1.0, 0.0, 8.0]]]]], by='the definition')

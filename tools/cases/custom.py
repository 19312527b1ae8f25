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

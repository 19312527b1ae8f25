#!/usr/bin/env python3
"""The page that tools/benchmarks.py writes from a run: ratios, means, models that a runtime does not run, and what must stay."""
import json, pathlib, subprocess, sys, tempfile, unittest
import xml.etree.ElementTree as xml

TOOL = pathlib.Path(__file__).resolve().parents[2] / 'tools/benchmarks.py'


def row(model, system, threads, ms):
    return dict(model=f'corpus/{model}/model.tflite', system=system, threads=threads, load_ms=1.0, first_ms=2 * ms, min_ms=ms, median_ms=1.5 * ms, peak_mb=8.0)


RUN = {
    'machine': 'a machine', 'date': '2026-01-02', 'rounds': 3,
    'rows': [row('one', 'qgraph', 1, 0.5), row('one', 'litert', 1, 1.0), row('one', 'openvino', 1, 2.0),
             row('two', 'qgraph', 1, 8.0), row('two', 'openvino', 1, 1.0),
             row('lonely', 'qgraph', 1, 4.0), row('foreign', 'litert', 1, 4.0),
             row('one', 'qgraph', 2, 0.25), row('one', 'litert', 2, 1.0)],
    'profiles': {'two': [dict(op='conv_2d', kernel='gemm_s8', instructions='avx2', median_us=3.0, multiply_adds=6000, bytes=300, share=0.75),
                         dict(op='conv_2d', kernel='gemm_s8', instructions='avx2', median_us=1.0, multiply_adds=2000, bytes=100, share=0.2),
                         dict(op='mean', kernel='reference', instructions='', median_us=0.2, multiply_adds=0, bytes=10, share=0.05)]},
}


class Page(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.page = pathlib.Path(self.folder.name) / 'speed.md'
        self.run_file = pathlib.Path(self.folder.name) / 'run.json'
        self.run_file.write_text(json.dumps(RUN))

    def tearDown(self):
        self.folder.cleanup()

    def write(self, before):
        self.page.write_text(before)
        return subprocess.run([sys.executable, TOOL, '--from', self.run_file, '--page', self.page], capture_output=True, text=True)

    def test_tables(self):
        self.assertEqual(self.write('Above.\n<!-- tables -->\nold\n<!-- end of tables -->\nBelow.\n').returncode, 0)
        text = self.page.read_text()
        for line in ('| one | 0.5 | 1 | 2 | 0.50 | 0.50 |', '| two | 8 |  | 1 | 8.00 | 8.00 |', '| lonely | 4 |  |  |  |  |', '| foreign |  | 4 |  |  |  |',
                     '| geometric mean |  |  |  | 2.000 | 2.000 |', '| one | 0.25 | 1 | 0.25 | 0.25 |', '| conv_2d | gemm_s8/avx2 | 2 | 95% | 4 | 2 | 0.1 |',
                     '| mean | reference | 1 | 5% | 0.2 |  | 0.05 |', '2026-01-02, a machine; 3 interleaved rounds'):
            self.assertIn(line, text)
        self.assertTrue(text.startswith('Above.\n') and text.endswith('Below.\n'))
        self.assertNotIn('old', text)

    def test_again(self):
        self.write('<!-- tables -->\n<!-- end of tables -->\n')
        once = self.page.read_text()
        self.write(once)
        self.assertEqual(self.page.read_text(), once)

    def test_plot(self):
        self.write('<!-- tables -->\n<!-- end of tables -->\n')
        tree = xml.parse(self.page.with_suffix('.svg')).getroot()
        titles = [e.text for e in tree.iter() if e.tag.endswith('title')]
        self.assertIn('one, LiteRT: 2', titles)
        self.assertIn('two, OpenVINO: 0.125', titles)
        self.assertEqual(len(titles), 8)  # all rows but that of the model which qgraph does not run
        width = float(tree.get('width'))
        for circle in (e for e in tree.iter() if e.tag.endswith('circle')):
            self.assertTrue(0 < float(circle.get('cx')) < width)

    def test_no_place(self):
        done = self.write('Nothing here.\n')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('<!-- tables -->', done.stderr)
        self.assertEqual(self.page.read_text(), 'Nothing here.\n')


unittest.main()

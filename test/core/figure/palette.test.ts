import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimatorNames } from '../../../src/core/estimators/estimator.ts';
import { chosenColors, estimatorStyles, palette } from '../../../src/core/figure/palette.ts';
import { ground } from '../../../src/core/figure/theme.ts';

type Rgb = readonly [number, number, number];

/** Linear light, 0 to 1. */
function linear(hex: string): Rgb {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** WCAG 2.2, contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = ([red, green, blue]: Rgb): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const [low, high] = [luminance(linear(a)), luminance(linear(b))].toSorted((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

type Matrix = readonly [Rgb, Rgb, Rgb];

// Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
const vision: Readonly<Record<string, Matrix>> = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

function times(matrix: Matrix, [x, y, z]: Rgb): Rgb {
  return matrix.map((row) => row[0] * x + row[1] * y + row[2] * z) as unknown as Rgb;
}

/** CIE L*a*b*, D65. */
function lab(rgb: Rgb): Rgb {
  const toXyz: Matrix = [
    [0.4124, 0.3576, 0.1805],
    [0.2126, 0.7152, 0.0722],
    [0.0193, 0.1192, 0.9505],
  ];
  const [x, y, z] = times(toXyz, rgb.map((value) => Math.min(1, Math.max(0, value))) as unknown as Rgb);
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  return [116 * f(y) - 16, 500 * (f(x / 0.9505) - f(y)), 200 * (f(y) - f(z / 1.089))];
}

test('every colour has a contrast of at least 3 to 1 on its ground', () => {
  for (const [name, { light, dark }] of Object.entries({ ...palette, ...chosenColors })) {
    assert.ok(contrast(light, ground.light.paper) >= 3, `${name} on light: ${contrast(light, ground.light.paper)}`);
    assert.ok(contrast(dark, ground.dark.paper) >= 3, `${name} on dark: ${contrast(dark, ground.dark.paper)}`);
  }
});

test('text in grey has a contrast of at least 4.5 to 1', () => {
  for (const { paper, ink, muted } of Object.values(ground)) assert.ok(Math.min(contrast(ink, paper), contrast(muted, paper)) >= 4.5);
});

test('the five estimators of Figure 1 stay apart for colour-blind eyes, on light and on dark ground', () => {
  const five = ['reinforce', 'dr_grpo', 'opo', 'optimal_trajectory_baseline', 'tir_optimal_token_baseline'] as const;
  for (const [eyes, matrix] of Object.entries(vision)) {
    for (const mode of ['light', 'dark'] as const) {
      const colors = five.map((name) => [name, lab(times(matrix, linear(palette[name][mode])))] as const);
      for (const [a, first] of colors) {
        for (const [b, second] of colors) {
          const distance = Math.hypot(...first.map((value, index) => value - (second[index] as number)));
          assert.ok(a === b || distance > 20, `${eyes}, ${mode}: ${a} and ${b} are ${distance.toFixed(1)} apart`);
        }
      }
    }
  }
});

test('every estimator has its own colour and its own marker', () => {
  assert.deepEqual(Object.keys(palette).toSorted(), [...estimatorNames].toSorted());
  const styles = Object.values(palette);
  assert.equal(new Set(styles.map(({ light }) => light)).size, styles.length);
  const markers = styles.map(({ marker }) => marker);
  assert.equal(new Set(styles.map(({ marker, hollow }) => `${markers.indexOf(marker)} ${hollow}`)).size, styles.length);
});

test("a known estimator always looks the same; a user's own gets a style that the chart does not use yet", () => {
  const styles = estimatorStyles(['my_method', 'opo', 'gae']);
  assert.equal(styles.get('opo'), palette.opo);
  assert.equal(new Set(styles.values()).size, 3);
  assert.equal(estimatorStyles(['my_method']).get('my_method'), estimatorStyles(['my_method']).get('my_method'));
  assert.equal(estimatorStyles(Array.from({ length: 30 }, (_, index) => `method${index}`)).size, 30);
});

import { stylesheet } from '../figure/markup.ts';
import type { Markup } from '../figure/markup.ts';
import { fontStack, ground } from '../figure/theme.ts';

/** The report's look: one column of reading width, the figure and tables as wide as they need. */
export function reportStyle(): Markup {
  return stylesheet(`
:root{color-scheme:light dark;${variables('light')}}
@media screen and (prefers-color-scheme:dark){:root{${variables('dark')}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 ${fontStack}}
main{max-width:1160px;margin:0 auto;padding:32px 30px 64px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px}
h2{font-size:18px;margin:40px 0 10px}
p,ul,dl{margin:8px 0;max-width:85ch}
ul{padding-left:20px}
li{margin:5px 0}
.meta{color:var(--muted);font-size:13px}
.lead{font-size:18px;line-height:1.45;margin-top:20px}
figure{margin:28px 0 0}
figure>svg{display:block;width:100%;height:auto}
.swatch{width:14px;height:14px;vertical-align:-2px;margin-right:8px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13.5px}
caption{text-align:left;color:var(--muted);font-size:13px;padding-bottom:6px}
th,td{padding:6px 12px 6px 0;text-align:left;border-bottom:1px solid var(--grid);vertical-align:top}
thead th{border-bottom:1.5px solid var(--axis);color:var(--muted);font-weight:600;vertical-align:bottom}
tbody th{font-weight:500;white-space:nowrap}
.numeric{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th[title]{text-decoration:underline dotted;text-underline-offset:3px}
code,pre{font-family:ui-monospace,'SF Mono',Menlo,Consolas,monospace;font-size:12.5px}
code{overflow-wrap:anywhere}
pre{background:var(--raised);border:1px solid var(--grid);border-radius:6px;padding:12px 14px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px}
dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
details{margin:8px 0}
li>details{margin:2px 0}
summary{cursor:pointer}
@media print{body{font-size:11pt}main{max-width:none;padding:0}h2{break-after:avoid}figure,tr,li{break-inside:avoid}.scroll{overflow:visible}table{font-size:8.5pt}th,td{padding-right:6px}}
`);
}

function variables(mode: 'light' | 'dark'): string {
  const { paper, ink, muted, grid, axis } = ground[mode];
  return `--paper:${paper};--ink:${ink};--muted:${muted};--grid:${grid};--axis:${axis};--raised:${mode === 'light' ? '#f6f8fa' : '#24272c'}`;
}

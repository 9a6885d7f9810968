import type { AuditReport } from '../report.ts';
import { renderMermaid } from './mermaid.ts';
import { renderSarif } from './sarif.ts';
import { renderText, type TextStyle } from './text.ts';

/** The forms a report can be written in. */
export const FORMATS = ['text', 'json', 'sarif', 'mermaid'] as const;
export type Format = (typeof FORMATS)[number];

export function render(report: AuditReport, format: Format, style: TextStyle): string {
  switch (format) {
    case 'text':
      return renderText(report, style);
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'sarif':
      return renderSarif(report);
    case 'mermaid':
      return renderMermaid(report);
  }
}

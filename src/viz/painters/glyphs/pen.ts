/**
 * What a glyph draws with: the part of Pixi's Graphics that SVG can do, too, so that one drawing
 * serves the map and its legend. A fill or a stroke ends the outline that it was of.
 */
export interface Pen {
  moveTo(x: number, y: number): Pen;
  lineTo(x: number, y: number): Pen;
  circle(x: number, y: number, radius: number): Pen;
  roundRect(x: number, y: number, width: number, height: number, radius: number): Pen;
  poly(points: number[]): Pen;
  arc(x: number, y: number, radius: number, from: number, to: number): Pen;
  fill(ink: { readonly color: string; readonly alpha?: number }): Pen;
  stroke(ink: {
    readonly color: string;
    readonly width: number;
    readonly alpha?: number;
    readonly cap?: 'round' | 'butt';
  }): Pen;
}

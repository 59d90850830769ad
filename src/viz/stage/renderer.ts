/**
 * Which renderer draws: WebGL on a graphics card, Canvas2D where WebGL would be done in software
 * (it is many times slower there). `?renderer=` overrides.
 */
export type RendererName = 'webgl' | 'canvas';

const SOFTWARE = /SwiftShader|llvmpipe|softpipe|Software|Basic Render/i;

export const isSoftwareGl = (unmaskedRenderer: string): boolean => SOFTWARE.test(unmaskedRenderer);

export function chooseRenderer(query: URLSearchParams): RendererName {
  const asked = query.get('renderer');
  if (asked === 'webgl' || asked === 'canvas') return asked;
  const gl = document.createElement('canvas').getContext('webgl2');
  if (gl === null) return 'canvas';
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name: unknown =
    info === null ? gl.getParameter(gl.RENDERER) : gl.getParameter(info.UNMASKED_RENDERER_WEBGL);
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return isSoftwareGl(String(name)) ? 'canvas' : 'webgl';
}

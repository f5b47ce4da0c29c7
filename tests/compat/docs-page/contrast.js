// Runs in the page. How well text stands out from what is behind it, as WCAG 2 counts it, for the first
// visible element of each selector; `::placeholder` is that of the first form's input. Colours are read back
// from a canvas, which knows every notation and mixes what is translucent.
export function contrasts(wanted) {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 })
  const context = canvas.getContext('2d', { willReadFrequently: true })

  const linear = (value) =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4
  function luminance(...colours) {
    for (const colour of colours) {
      context.fillStyle = colour
      context.fillRect(0, 0, 1, 1)
    }
    const [red, green, blue] = context.getImageData(0, 0, 1, 1).data
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  const behind = (element) => [
    ...(element.parentElement ? behind(element.parentElement) : []),
    getComputedStyle(element).backgroundColor,
  ]
  function ratioOf(element, pseudo) {
    const back = luminance(...behind(element))
    const front = luminance(...behind(element), getComputedStyle(element, pseudo).color)
    return (Math.max(back, front) + 0.05) / (Math.min(back, front) + 0.05)
  }

  return wanted.flatMap((selector) => {
    const pseudo = selector.startsWith('::') ? selector : undefined
    const candidates = [...document.querySelectorAll(pseudo ? 'form input' : selector)]
    const element = candidates.find((one) => one.checkVisibility())
    return element ? [{ selector, ratio: ratioOf(element, pseudo) }] : []
  })
}

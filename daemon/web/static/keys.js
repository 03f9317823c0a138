// keys.js: letters to touch, on a small touch screen that has no keyboard of its own. The rows come with the page; the
// field keeps the focus, and what is touched goes where the caret is, as if it were typed.
(() => {
  'use strict'
  const small = matchMedia('(max-width:820px) and (pointer:coarse)')
  const board = () => document.getElementById('osk')
  const typed = (it) => it?.matches?.('input:is(:not([type]),[type=text],[type=search],[type=tel],[type=email]):not([data-pin])') && it
  const NAMED = {'⇧': 'shift', '⌫': 'back', '⏎': 'enter', '␣': 'space'}
  let large = false

  function build() {
    for (const row of board().dataset.rows.split(' ')) {
      const line = document.createElement('p')
      for (const sign of row) {
        const key = document.createElement('button')
        Object.assign(key, {type: 'button', tabIndex: -1, textContent: sign})
        key.dataset.key = sign
        const name = board().dataset[NAMED[sign]]
        if (name) key.setAttribute('aria-label', name)
        line.append(key)
      }
      board().append(line)
    }
  }

  function shift(on) {
    large = on
    for (const key of board().querySelectorAll('button'))
      if (!NAMED[key.dataset.key]) key.textContent = on ? key.dataset.key.toUpperCase() : key.dataset.key
  }

  function offer(it) {
    const field = board() && small.matches && typed(it)
    document.body.toggleAttribute('data-osk', !!field)
    if (!field) return
    if (!board().firstChild) build()
    field.inputMode = 'none'
    shift(!field.value && field.type === 'text')
    if (field.id !== 'q') field.scrollIntoView({block: 'nearest'})
  }

  document.addEventListener('focusin', ({target}) => offer(target))
  document.addEventListener('focusout', ({relatedTarget}) => {
    if (!typed(relatedTarget)) document.body.removeAttribute('data-osk')
  })

  document.addEventListener('mousedown', (event) => { if (event.target.closest('#osk')) event.preventDefault() })

  document.addEventListener('click', ({target}) => {
    const sign = target.closest('#osk button')?.dataset.key, field = typed(document.activeElement)
    if (!sign || !field) return
    if (sign === '⇧') return shift(!large)
    if (sign === '⏎') return field.form?.requestSubmit()
    if (sign === '⌫') return document.execCommand('delete')
    document.execCommand('insertText', false, sign === '␣' ? ' ' : large ? sign.toUpperCase() : sign)
    if (large) shift(false)
  })

  offer(document.activeElement)
})()

// keys.js: letters to touch, on a touch screen that has no keyboard of its own. The rows come with the page; the
// field keeps the focus, and what is touched goes where the caret is, as if it were typed. A real key puts the letters
// away, a touch of the field brings them back.
(() => {
  'use strict'
  const coarse = matchMedia('(pointer:coarse)')
  const board = () => document.getElementById('osk')
  const typed = (it) => it?.matches?.('input:is(:not([type]),[type=text],[type=search],[type=tel],[type=email],[type=password]):not([data-pin])') && it
  const NAMED = {'⇧': 'shift', '⌫': 'back', '⏎': 'enter', '␣': 'space', '…': 'more'}
  let large = false, more = false, keyed = false

  function build() {
    board().replaceChildren()
    for (const row of board().dataset[more ? 'signs' : 'rows'].split(' ')) {
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
    for (const key of board().querySelectorAll('button')) {
      const sign = key.dataset.key
      if (!NAMED[sign]) key.textContent = on ? sign.toUpperCase() : sign
      if ('⇧…'.includes(sign)) key.ariaPressed = sign === '⇧' ? on : more
    }
  }

  function turn(on) {
    more = on
    build()
    shift(large)
  }

  function offer(it) {
    const field = board() && coarse.matches && !keyed && typed(it)
    document.body.toggleAttribute('data-osk', !!field)
    if (!field) return
    field.inputMode = 'none'
    turn(false)
    shift(!field.value && field.type === 'text')
    if (field.id !== 'q') field.scrollIntoView({block: 'nearest'})
  }

  document.addEventListener('focusin', ({target}) => offer(target))
  document.addEventListener('focusout', ({relatedTarget}) => {
    if (!typed(relatedTarget)) document.body.removeAttribute('data-osk')
  })

  document.addEventListener('pointerdown', () => { keyed = false }, true)
  document.addEventListener('keydown', ({isTrusted}) => {
    if (!isTrusted) return
    keyed = true
    document.body.removeAttribute('data-osk')
  }, true)

  // what is touched stays where it is: with the letters gone, the finger would lift from something else
  document.addEventListener('mousedown', (event) => { if (event.target.closest('#osk,[data-osk] :is(#hits,a,button,label)')) event.preventDefault() })

  document.addEventListener('click', ({target}) => {
    const sign = target.closest('#osk button')?.dataset.key, field = typed(document.activeElement)
    if (field && field === target && !document.body.matches('[data-osk]')) offer(field)
    if (!sign || !field) return
    if (sign === '…') return turn(!more)
    if (sign === '⇧') return shift(!large)
    if (sign === '⏎') return field.form?.requestSubmit()
    if (sign === '⌫') return document.execCommand('delete')
    document.execCommand('insertText', false, sign === '␣' ? ' ' : large ? sign.toUpperCase() : sign)
    if (large) shift(false)
  })

  offer(document.activeElement)
})()

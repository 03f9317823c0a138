// morph.js: makes an element like a newer one and keeps what is there: the focus, scrolled lists, what is open.
// Children are paired by id, else by kind in their order; what has an id is moved, never made again. A push (gentle)
// leaves what somebody has changed in a form; a chosen file is nobody's to take away.
const morph = (() => {
  'use strict'
  const FIELDS = 'input,select,textarea'
  const field = (it) => it.matches?.(FIELDS)

  let gentle = false

  function changed(it) {
    if (it.type === 'checkbox' || it.type === 'radio') return it.checked !== it.defaultChecked
    if (it.options) return it.selectedIndex !== Math.max(0, [...it.options].findIndex((one) => one.defaultSelected))
    return it.value !== it.defaultValue
  }

  function attributes(old, fresh) {
    const stays = field(old) && (old.type === 'file' || gentle && changed(old))
    const kept = old.nodeName === 'DETAILS' ? 'open' : ''
    for (const {name} of [...old.attributes]) if (name !== kept && !fresh.hasAttribute(name)) old.removeAttribute(name)
    for (const {name, value} of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value)
    if (!field(old) || stays) return
    if (old.value !== fresh.value) old.value = fresh.value
    if (old.checked !== fresh.checked) old.checked = fresh.checked
  }

  function children(old, fresh) {
    const mine = new Map([...old.children].filter((it) => it.id).map((it) => [it.id, it]))
    const wanted = new Set([...fresh.children].map((it) => it.id))
    let at = old.firstChild
    const next = () => { const it = at; at = at.nextSibling; return it }
    for (const one of [...fresh.childNodes]) {
      const known = one.id ? mine.get(one.id) : undefined
      while (known && at?.id && !wanted.has(at.id)) next().remove()
      if (known?.nodeName === one.nodeName) {
        if (known === at) next()
        else old.insertBefore(known, at)
        change(known, one)
      } else if (at && !one.id && !at.id && at.nodeName === one.nodeName) change(next(), one)
      else old.insertBefore(one, at)
    }
    while (at) next().remove()
  }

  function change(old, fresh) {
    if (old.nodeType !== 1) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue
      return old
    }
    if (!old.querySelector(FIELDS) && !field(old) && old.isEqualNode(fresh)) return old
    children(old, fresh)
    attributes(old, fresh)
    return old
  }
  const morph = (old, fresh, push = false) => {
    gentle = push
    return change(old, fresh)
  }
  return Object.assign(morph, {attributes})
})()

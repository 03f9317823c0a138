// morph.js: makes an element like a newer one and keeps what is there: the focus, scrolled lists, what is open.
// Children are paired by id, else by kind in their order; what has an id is moved, never made again.
const morph = (() => {
  'use strict'
  const field = (it) => it.matches?.('input,select,textarea')

  function attributes(old, fresh) {
    for (const {name} of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name)
    for (const {name, value} of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value)
    if (!field(old)) return
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
    children(old, fresh)
    attributes(old, fresh)
    return old
  }
  return Object.assign(change, {attributes})
})()

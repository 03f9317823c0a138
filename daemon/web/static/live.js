// live.js: what every page does. Pages come from the daemon as HTML and their address is their state; nothing is
// rendered here. An element with an id and data-region is morphed into its newer self. One question is in flight, older
// ones are aborted; what changes something is never cut short; a push never swaps what holds the focused field or a
// changed form (data-guard, then data-dirty).
(() => {
  'use strict'
  const one = (what, where = document) => where.querySelector(what)
  const all = (what, where = document) => [...where.querySelectorAll(what)]
  const body = document.body
  const root = () => body.dataset.root
  const here = () => location.pathname + location.search
  const dirty = () => one('form[data-dirty]')
  const isField = (it) => it?.matches('input:not([type=radio],[type=checkbox])')
  const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), 'text/html')
  let flight, posting, hunting, peeking, asking, source, listening, heard, away, waiting, stash, touched = Date.now()

  // ---- asking ----

  async function ask(url, {data, form, discard, quiet, taken} = {}) {
    if (!data && !discard && !quiet && dirty())
      return ask(root() + '/retenu', {data: {onward: url, form: dirty().id}, taken})
    while (posting) await posting
    flight?.abort()
    const mine = flight = new AbortController()
    const request = {headers: {Accept: 'text/html', 'X-Comptoir-Token': body.dataset.token}, signal: mine.signal}
    let done
    if (data) {
      const sent = new URLSearchParams(data)
      if (!sent.has('at')) sent.set('at', here())
      Object.assign(request, {method: 'POST', body: sent, signal: null})
      const file = data instanceof FormData && data.get('file')
      if (file) { // a file is the body itself, and what is said of it stands in the address
        sent.set('file', file.name)
        url += '?' + sent
        request.body = file
        request.headers['Content-Type'] = 'application/octet-stream'
      }
      posting = new Promise((free) => { done = () => { posting = undefined; free() } })
    }
    if (!quiet) body.dataset.busy = ''
    try {
      const answer = await fetch(url, request)
      const page = await parsed(answer), at = new URL(answer.url)
      if (mine !== flight) return
      show(page, !data || answer.redirected ? at.pathname + at.search : here(), {form, discard, quiet, taken})
    } catch (fault) {
      if (fault.name !== 'AbortError') lose()
    } finally {
      done?.()
      if (mine === flight) {
        flight = undefined
        delete body.dataset.busy
      }
    }
  }

  function show(page, at, {form, discard, quiet, taken}) {
    const screen = page.body.dataset.screen
    if (!screen) return say(one('#fault').content.textContent)
    if (quiet && screen === 'log_in' && body.dataset.screen === screen) return // a PIN is being typed
    const changed = dirty(), moved = at.split('?')[0] !== location.pathname, turned = at !== here(), held = document.activeElement
    if (changed && screen === 'log_in') stash = {at, values: [...new FormData(changed)]}
    const keeps = changed && changed !== form && !discard && !moved && screen !== 'log_in'
    const rebuilt = (screen === 'log_in') !== (body.dataset.screen === 'log_in')
    const typing = quiet && (keeps || isField(held) && one('main')?.contains(held))
    if (rebuilt) body.replaceChildren(...page.body.childNodes)
    else for (const fresh of all('[data-region]', page)) {
      const old = document.getElementById(fresh.id), isMain = fresh.id === 'main'
      // what is typed stays; what was typed before a hit was taken does not
      const busy = isField(held) && old?.contains(held) && (quiet || fresh.id === 'find' && held.value !== taken)
      if (!old || fresh.id === 'word' && !fresh.firstElementChild) continue
      if (isMain) body.toggleAttribute('data-stale', !!(quiet && (keeps || busy) && old.dataset.sum !== fresh.dataset.sum))
      // an alert that came with a push waits until what is typed is done
      if (!busy && !(keeps && isMain) && !(typing && fresh.matches('#alert,#act'))) morph(old, fresh, quiet)
    }
    Object.assign(body.dataset, page.body.dataset)
    document.title = page.title
    morph.attributes(document.documentElement, page.documentElement)
    if (stash && stash.at === at && one('form[data-guard]')) refill()
    listen()
    settle()
    if (!quiet) bring(moved, moved || rebuilt, turned, held)
    // last: the browser lays the page out to note where it is, which is done once where nothing changes afterwards
    if (turned) history.replaceState(null, '', at)
  }

  // Where eyes and keys find something when a page has come that was asked for.
  function bring(moved, anew, turned, held) {
    if (anew) scrollTo(0, 0)
    if (anew && !hunting) body.removeAttribute('data-osk') // what has come is to be read; a search goes on
    if (moved) delete one('#q')?.dataset.typed
    const first = one('#alert [autofocus]') || one('main [aria-invalid=true]') || one('#fault-t') || turned && one('main [autofocus]')
    if (first && !(held.id === 'q' && held.isConnected)) first.focus()
    else if (document.activeElement === body) one('#main').focus({preventScroll: true})
  }

  // The session ran out while something was typed: it stands in the form again after the log-in.
  function refill() {
    const form = one('form[data-guard]')
    for (const [name, value] of stash.values) {
      const field = form.elements.namedItem(name)
      if (field?.type === 'checkbox') field.checked = true
      else if (field && name !== 'key' && field.type !== 'file') field.value = value
    }
    form.dataset.dirty = ''
    stash = undefined
  }

  function say(text) {
    const toast = document.createElement('div')
    Object.assign(toast, {className: 'toast', textContent: text})
    toast.dataset.ttl = '8000'
    one('#word').replaceChildren(toast)
    settle()
  }

  // ---- the list of hits ----

  const chosen = () => one('#hits [aria-selected=true]')

  function settle() {
    const q = one('#q')
    q?.setAttribute('aria-expanded', String(!!chosen()))
    q?.setAttribute('aria-activedescendant', chosen()?.id ?? '')
    for (const it of all('[data-ttl]')) it.timer ||= setTimeout(() => it.remove(), +it.dataset.ttl)
  }

  async function choose(hit) {
    if (!hit || hit === chosen()) return
    chosen()?.setAttribute('aria-selected', 'false')
    hit.setAttribute('aria-selected', 'true')
    hit.scrollIntoView({block: 'nearest'})
    settle()
    peeking?.abort()
    peeking = new AbortController()
    if (one('#peek')?.offsetParent) piece(hit.dataset.open + '/apercu', {signal: peeking.signal}, () => chosen() === hit)
  }

  // A piece of a page takes its place beside what is typed or chosen; the next page tells what is missed here.
  async function piece(url, request, stands) {
    try {
      const fresh = await parsed(await fetch(url, request))
      if (stands()) for (const one of all('[data-region]', fresh)) if (document.getElementById(one.id)) morph(document.getElementById(one.id), one)
    } catch { /* see above */ }
  }

  // What is known already of somebody who is being typed, while it is typed.
  function inquire(form) {
    clearTimeout(asking)
    const mine = asking = setTimeout(() => {
      const request = {method: 'POST', body: new URLSearchParams(new FormData(form)), headers: {'X-Comptoir-Token': body.dataset.token}}
      piece(form.dataset.ask, request, () => mine === asking && form.isConnected)
    }, 150)
  }

  // The next key begins the next name, whether it comes before the page or after it.
  function take(hit, open) {
    const q = one('#q'), taken = q.value
    if (document.activeElement === q) q.select()
    if (open || !hit.dataset.choose) ask(hit.dataset.open, {taken})
    else ask(root() + '/vente', {data: {customer: hit.dataset.choose}, taken})
  }

  function hunt() {
    const q = one('#q').value.trim()
    const mine = hunting = ask(q ? root() + '/clients?' + new URLSearchParams({q}) : one('#find').dataset.empty)
    mine.finally(() => { if (mine === hunting) hunting = undefined })
  }

  const hotOf = (key) => all('[data-hot]').filter((it) =>
    it.dataset.hot.split(' ').includes(key) && (it.hidden || it.checkVisibility()) && !it.disabled && !it.closest('[inert]')).at(-1)

  // Enter in the search field: the chosen hit; else what was typed; else, on a record that a scan brought, its own Enter.
  async function enter(open) {
    while (hunting) await hunting // what is chosen is of what was typed last
    const hot = hotOf('Enter')
    if (chosen()) take(chosen(), open)
    else if (one('#q').dataset.typed || !hot) hunt()
    else hot.click()
  }

  async function step(by) {
    while (hunting) await hunting
    const hits = all('#hits [role=option]')
    choose(hits[Math.max(0, hits.indexOf(chosen()) + by)])
  }

  function clear() {
    one('#q').value = ''
    one('#q').focus()
    hunt()
  }

  // ---- what people do ----

  document.addEventListener('click', (event) => {
    const at = (what) => event.target.closest(what)
    const link = at('a[href]'), hit = at('[role=option]'), pad = at('[data-pad]')?.dataset.pad
    if (hit) take(hit, at('[data-do=open]'))
    else if (pad) {
      const pin = one('[data-pin]')
      pin.value = pad === 'back' ? pin.value.slice(0, -1) : (pin.value + pad).slice(0, pin.maxLength)
    } else if (at('[data-fill]')) {
      const field = one(at('[data-fill]').dataset.fill)
      field.value = at('[data-fill]').textContent
      field.focus()
      field.dispatchEvent(new Event('input', {bubbles: true}))
    } else if (at('[data-clear]')) clear()
    else if (at('[data-focus]')) one(at('[data-focus]').dataset.focus).focus()
    else if (at('[data-show]')) ask(here(), {discard: true})
    else if (link?.pathname.startsWith(root()) && !link.download && !event.ctrlKey) {
      event.preventDefault()
      if (link.search.includes('lang=')) location.assign(link.href)
      else ask(link.pathname + link.search, {discard: 'discard' in link.dataset})
    }
  })

  // a digit that is touched leaves the focus in its field: Enter is for what was typed
  document.addEventListener('mousedown', (event) => { if (event.target.closest('[data-pad]')) event.preventDefault() })

  document.addEventListener('submit', (event) => {
    const form = event.target
    event.preventDefault()
    if (form.id === 'find') enter()
    else if (!posting) ask(form.getAttribute('action'), {data: new FormData(form, event.submitter), form})
  })

  document.addEventListener('input', ({target}) => {
    if (target.id === 'q') {
      target.dataset.typed = '1'
      hunt()
    } else if (target.form?.matches('[data-guard]')) {
      target.form.dataset.dirty = ''
      if (target.form.dataset.ask) inquire(target.form)
    }
  })

  document.addEventListener('pointermove', (event) => {
    if (event.pointerType === 'mouse' && (event.movementX || event.movementY)) choose(event.target.closest('[role=option]'))
  })

  document.addEventListener('keydown', (event) => {
    const q = one('#q'), key = event.key, idle = event.target.matches('body,main,#hits')
    const sought = event.target === q || idle && chosen()
    const by = sought && {ArrowDown: 1, ArrowUp: -1}[key]
    const hot = hotOf(key)
    if (key === 'F2' && q) q.select()
    else if (by) step(by)
    else if (sought && key === 'Enter') enter(event.ctrlKey)
    else if (sought && key === 'Escape' && q.value) clear()
    else if (key === 'Enter' && event.target.closest('a,button,input')) return
    else if (hot) hot.click()
    else return
    event.preventDefault()
  })

  // A scanner that is set up nowhere types like a keyboard: keys faster than a hand, and Enter, while no field wants them.
  // Digits without a shift are told by their place: a scanner set to another country's keyboard types "&é" for 12.
  let keys = '', digits = '', keyed = 0
  document.addEventListener('keydown', (event) => {
    const {key, target, timeStamp} = event, fast = timeStamp - keyed < 50
    if (target.matches('input,textarea,select') || event.ctrlKey || event.metaKey) keys = ''
    else if (key.length === 1) {
      keys = fast ? keys + key : key
      digits = (fast ? digits : '') + (!event.shiftKey && /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1] || '?')
    } else if (fast && keys.length > 5 && (key === 'Enter' || key === 'Tab')) {
      event.preventDefault()
      event.stopImmediatePropagation()
      fetch(body.dataset.events.replace('events', 'scan'), {
        method: 'POST',
        headers: {'Content-Type': 'application/json', 'X-Comptoir-Token': body.dataset.token},
        body: JSON.stringify({code: digits.includes('?') ? keys.replace(/^\][A-Za-z]\w/, '') : digits, device: 'keyboard'}),
      }).catch(lose)
      keys = ''
    }
    keyed = timeStamp
  }, true)

  addEventListener('beforeunload', (event) => { if (dirty()) event.preventDefault() })

  // ---- what the daemon tells ----

  function listen() {
    // another operator: another stream
    const wanted = body.dataset.events + body.dataset.token
    if (wanted === listening && source?.readyState !== 2) return
    source?.close()
    // what came while this page was on its way is told too
    if (wanted !== listening) heard = body.dataset.heard
    listening = wanted
    source = new EventSource(body.dataset.events + '?after=' + heard)
    let again = false
    source.onopen = () => {
      body.dataset.live = ''
      alive()
      if (again) refresh()
      again = true
    }
    source.onerror = () => {
      delete body.dataset.live
      away ||= setTimeout(lose, 1500)
      // refused: the page says why
      if (source.readyState === 2) setTimeout(() => { listen(); refresh() }, 700)
    }
    for (const kind of ['beat', 'scan', 'customer', 'visit', 'ticket', 'print_job', 'replication', 'session', 'device', 'import', 'refetch'])
      source.addEventListener(kind, (event) => {
        heard = event.lastEventId
        alive()
        hear(kind, JSON.parse(event.data))
      })
  }

  function alive() {
    clearTimeout(away)
    away = setTimeout(lose, 2000)
    one('#lost').close()
  }

  function lose() {
    const lost = one('#lost')
    if (!lost.open) lost.showModal()
  }

  function refresh() {
    waiting ||= setTimeout(() => {
      waiting = undefined
      if (flight || posting) refresh()
      else ask(here(), {quiet: true})
    }, 40)
  }

  function hear(kind, data) {
    const about = data.customer?.id ?? data.customer ?? data.id
    const names = [kind, `${kind}:${about}`]
    if (kind === 'scan') scan(data)
    else if (kind === 'refetch' || all('[data-on]').some((it) => it.dataset.on.split(' ').some((name) => names.includes(name))))
      refresh()
  }

  function scan(data) {
    const field = document.activeElement
    if (data.outcome === 'operator') return ask(root() + '/session', {data: {badge: '', onward: here()}})
    const code = data.code ?? data.product
    if (code && field.matches('[data-scan]')) {
      field.value = code
      return field.dispatchEvent(new Event('input', {bubbles: true}))
    }
    ask(root() + '/lecture', {data: {
      outcome: data.outcome, code: data.code ?? '', product: data.product ?? '', reason: data.reason ?? '', since: data.blocked_at ?? '', customer: data.customer?.id ?? '',
      candidates: data.candidates.map((it) => it.id).join(), form: dirty()?.id ?? '',
    }})
  }

  setInterval(() => {
    for (const clock of all('[data-clock]')) clock.textContent = new Date().toTimeString().slice(0, 5)
  }, 1000)
  setInterval(() => { if (one('[data-every]')) refresh() }, 20000)

  // nobody is there: the screen is locked as the settings of this screen say; what is typed stays
  for (const kind of ['pointerdown', 'keydown']) document.addEventListener(kind, () => { touched = Date.now() }, true)
  setInterval(() => {
    const after = body.dataset.lock
    if (+after && Date.now() - touched > after * 1000 && !posting) {
      touched = Date.now()
      one('.who')?.click()
    }
  }, 1000)

  settle()
  listen()
})()

// What the person sees: the conversation, the composer, the states. Frames come in, actions go out.
import { ChatSocket } from './socket.js';
import { element, link, markdown, unfinished } from './markdown.js';

const TEXTS = {
  'pt-BR': {
    end: 'Encerrar', older: 'Mensagens anteriores', log: 'Conversa', suggestions: 'Sugestões', stop: 'Parar',
    stopping: 'Parando…', ended: 'Conversa encerrada.', fresh: 'Nova conversa', ask: 'Escreva sua pergunta', send: 'Enviar',
    how: 'Como foi o atendimento?', stars: 'Nota de 1 a 5', comment: 'Quer comentar? (opcional)', back: 'Voltar',
    skip: 'Encerrar sem nota', rate: 'Enviar', star: (n) => (n > 1 ? `${n} estrelas` : '1 estrela'), rated: 'Obrigada pela avaliação!',
    connecting: 'Conectando…', online: 'On-line', reconnecting: 'Reconectando…', offline: 'Sem conexão', unavailable: 'Indisponível',
    typing: (who) => `${who} está digitando`, again: (who) => `${who} está recomeçando a resposta`, you: 'Você', operator: 'Atendente',
    helpful: 'Ajudou?', yes: 'Sim', no: 'Não', thanks: 'Obrigada!', sources: 'Fontes: ', sending: 'enviando…', failed: 'não enviada',
    retry: 'Tentar de novo', escalated: 'Encaminhado ao atendimento humano', contact: 'Fale com uma pessoa', hours: 'Horário',
    finish: { fallback: 'resposta da base de conhecimento', cancelled: 'interrompida', truncated: 'resposta cortada' },
    notice: {
      offline: 'Você está sem internet. O que escrever será enviado quando ela voltar.',
      expired: 'A conversa anterior expirou. Começamos uma nova.',
      busy: 'Muitas mensagens seguidas. Envio a sua em', capacity: 'Todos os atendimentos estão ocupados. Nova tentativa em',
      unavailable: 'O atendimento não respondeu. Nova tentativa em', error: 'Não deu certo. Tente de novo.',
      refused: (origin) => `Não foi possível abrir o chat. Para quem opera o site: veja se o servidor está no ar e se ALLOWED_ORIGINS inclui ${origin}.`,
    },
  },
  en: {
    end: 'End', older: 'Earlier messages', log: 'Conversation', suggestions: 'Suggestions', stop: 'Stop',
    stopping: 'Stopping…', ended: 'Conversation ended.', fresh: 'New conversation', ask: 'Write your question', send: 'Send',
    how: 'How did we do?', stars: 'From 1 to 5', comment: 'Anything to add? (optional)', back: 'Back',
    skip: 'End without rating', rate: 'Send', star: (n) => (n > 1 ? `${n} stars` : '1 star'), rated: 'Thank you for rating!',
    connecting: 'Connecting…', online: 'Online', reconnecting: 'Reconnecting…', offline: 'Offline', unavailable: 'Unavailable',
    typing: (who) => `${who} is typing`, again: (who) => `${who} is starting the answer again`, you: 'You', operator: 'Agent',
    helpful: 'Did this help?', yes: 'Yes', no: 'No', thanks: 'Thank you!', sources: 'Sources: ', sending: 'sending…', failed: 'not sent',
    retry: 'Try again', escalated: 'Passed on to our team', contact: 'Talk to a person', hours: 'Hours',
    finish: { fallback: 'from the knowledge base', cancelled: 'stopped', truncated: 'cut short' },
    notice: {
      offline: 'You are offline. What you write is sent when you are back.',
      expired: 'The earlier conversation expired. This is a new one.',
      busy: 'Many messages in a row. Sending yours in', capacity: 'Everyone is busy right now. Trying again in',
      unavailable: 'No answer from the service. Trying again in', error: 'That did not work. Please try again.',
      refused: (origin) => `The chat could not be opened. For the site's operator: check that the server is up and that ALLOWED_ORIGINS has ${origin}.`,
    },
  },
};

const locale = /^pt/i.test(navigator.language) ? 'pt-BR' : 'en';
const texts = TEXTS[locale];
const $ = Object.fromEntries([...document.querySelectorAll('[id]')].map((part) => [part.id, part]));
const noticeText = $.notice.firstElementChild;
const still = matchMedia('(prefers-reduced-motion: reduce)');
const REPLY_WAIT = 65000; // a reply takes 60 s at most; after that nobody is typing

/* Token, context, socket */

const tokenKey = 'sophie.resume';
let remembered = ''; // where storage is refused
const token = {
  get() {
    try {
      return localStorage.getItem(tokenKey) || '';
    } catch {
      return remembered;
    }
  },
  set(value) {
    remembered = value || '';
    try {
      if (value) localStorage.setItem(tokenKey, value);
      else localStorage.removeItem(tokenKey);
    } catch { /* kept in memory */ }
  },
};

function context() {
  const errorStatus = Number(new URLSearchParams(location.search).get('erro'));
  const failed = errorStatus >= 400 && errorStatus < 600 && { errorStatus };
  return { url: location.href.slice(0, 2048), title: document.title.slice(0, 500), referrer: document.referrer.slice(0, 2048), locale, ...failed };
}

function socketUrl() {
  const set = document.querySelector('meta[name=socket-url]').content;
  return set || new URL('/ws', location.href).href.replace(/^http/, 'ws');
}

const socket = new ChatSocket({
  url: socketUrl(),
  token,
  hello: () => ({ locale, context: context() }),
  onFrame: (frame) => frames[frame.type]?.(frame),
  onState: showState,
});

/* The conversation */

let name = 'Sophie';
let session = '';
let limit = 2000;
let offerDue = true; // once a page
let person = false; // a human operator has the conversation
const shown = new Map(); // messageId → its article
const pending = new Map(); // clientMessageId → {content, article}
const replies = new Map(); // messageId → {attempt, parts, length, bubble} while being written
const waiting = new Set(); // questions accepted and not answered
const answered = new Set(); // what answers them may overtake accepted

const frames = {
  session(frame) {
    name = frame.assistantName || name;
    limit = frame.limits?.maxMessageLength || limit;
    $.name.textContent = document.title = name;
    if (frame.sessionId !== session) clear();
    session = frame.sessionId;
    if (offerDue && context().errorStatus) socket.post('updateContext', { context: context() });
    offerDue = false;
    for (const reply of replies.values()) reply.stale = true;
    quietly(() => frame.history.forEach(put));
    if (frame.history.length) $.older.hidden = !frame.more;
    showWriting();
    toEnd();
  },
  accepted({ clientMessageId, messageId, seq }) {
    const mine = pending.get(clientMessageId);
    pending.delete(clientMessageId);
    if (shown.has(messageId)) mine?.article.remove();
    else if (mine) {
      mine.article.querySelector('footer').textContent = time();
      Object.assign(mine.article.dataset, { id: messageId, seq });
      shown.set(messageId, mine.article);
      place(mine.article);
    }
    if (!person && !answered.has(messageId)) wait(messageId);
  },
  replyStarted({ messageId, inReplyTo, attempt = 1 }) {
    answer(inReplyTo);
    if (shown.has(messageId)) return;
    const reply = replyBeingWritten(messageId);
    if (attempt > reply.attempt || reply.stale) {
      reply.bubble.classList.toggle('replaced', attempt > reply.attempt);
      Object.assign(reply, { attempt, parts: [], length: 0, stale: false });
    }
    showWriting();
  },
  replyDelta({ messageId, index, text }) {
    if (shown.has(messageId)) return;
    replyBeingWritten(messageId).parts[index] = text;
    showWriting();
    requestAnimationFrame(reveal);
  },
  message(message) {
    const follow = atEnd();
    put(message);
    showWriting();
    if (follow) toEnd();
    // Its first words matter most: in an emergency they are the number to call.
    const article = shown.get(message.messageId);
    if (follow && article.offsetHeight > $.scroll.clientHeight) article.scrollIntoView({ block: 'start' });
  },
  history({ messages, more }) {
    const height = $.scroll.scrollHeight;
    quietly(() => messages.forEach(put));
    $.older.hidden = !more;
    $.scroll.scrollTop += $.scroll.scrollHeight - height;
  },
  typing({ isTyping, sender }) {
    other = isTyping ? sender : '';
    showWriting();
  },
  notification({ notificationId, title, body, url, level, at }) {
    if (shown.has(notificationId)) return;
    const text = element('p', {}, element('strong', {}, title || ''), element('br'), body || '', ' ', url ? link(url, url) : '');
    const article = element('article', { class: `notification ${level === 'warning' ? 'warning' : ''}` }, text, element('footer', {}, time(at)));
    shown.set(notificationId, article);
    $.log.append(article);
    toEnd();
  },
  feedbackSaved({ messageId }) {
    shown.get(messageId)?.querySelector('.helpful')?.replaceChildren(texts.thanks);
  },
  ratingSaved: () => ratingDone?.(),
  sessionEnded() {
    socket.stop();
    waiting.clear();
    replies.clear();
    $.live.replaceChildren();
    $.state.textContent = '';
    showWriting();
    showEnded(true);
  },
  error({ clientMessageId, message }) {
    const mine = pending.get(clientMessageId);
    if (mine) failed(clientMessageId, mine, message);
    else notify(message || texts.notice.error, 0, 6000);
    ratingDone?.();
  },
};

function clear() {
  for (const part of [$.log, $.live, $.suggestions]) part.replaceChildren();
  for (const kept of [shown, replies, waiting]) kept.clear();
  person = false;
  for (const { article } of pending.values()) $.log.append(article);
  $.older.hidden = true;
  showEnded(false);
  showWriting();
}

// A live region would read a whole history aloud.
function quietly(act) {
  $.log.setAttribute('aria-live', 'off');
  act();
  setTimeout(() => $.log.removeAttribute('aria-live'), 500);
}

function put(message) {
  const { messageId, clientMessageId, inReplyTo, sender, seq } = message;
  replies.get(messageId)?.bubble.remove();
  replies.delete(messageId);
  answer(inReplyTo);
  if (sender === 'operator' || sender === 'system') waiting.clear();
  if (sender === 'operator') person = true;
  const article = articleOf(message);
  (shown.get(messageId) || pending.get(clientMessageId)?.article)?.remove();
  pending.delete(clientMessageId);
  shown.set(messageId, article);
  article.dataset.seq = seq;
  place(article);
  if (article === $.log.lastElementChild) suggest(message.suggestions);
}

// By seq; what has none yet stays last.
function place(article) {
  let before = $.log.lastElementChild;
  if (before === article) before = before.previousElementSibling;
  while (before && !(Number(before.dataset.seq) < Number(article.dataset.seq)) && !before.matches('.notification')) before = before.previousElementSibling;
  if (before) before.after(article);
  else $.log.prepend(article);
}

function answer(question) {
  waiting.delete(question);
  answered.add(question);
}

function wait(messageId) {
  waiting.add(messageId);
  setTimeout(() => waiting.delete(messageId) && showWriting(), REPLY_WAIT);
  showWriting();
}

/* One message */

function time(at) {
  return (at ? new Date(at) : new Date()).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });
}

function speaker(sender) {
  return { user: texts.you, operator: texts.operator, system: '' }[sender] ?? name;
}

function articleOf(message) {
  const { messageId = '', sender, content, at, actions = [], sources = [], finish, contact, escalated } = message;
  const own = sender === 'user';
  const bubble = element('div', { class: 'bubble' }, own ? content : markdown(content));
  const article = element('article', { class: sender, ...(messageId && { 'data-id': messageId }) });
  article.append(element('span', { class: 'hidden' }, `${speaker(sender)}: `), bubble);
  if (actions.length) article.append(element('div', { class: 'actions' }, ...actions.map(({ label, url }) => link(url, label, { class: 'button' }))));
  if (contact || escalated) article.append(contactCard(contact || {}));
  if (sources.length) article.append(sourcesLine(sources));
  const facts = [sender === 'operator' && texts.operator, time(at), texts.finish[finish]].filter(Boolean).join(' · ');
  const footer = element('footer', {}, facts);
  if (sender === 'assistant' && message.inReplyTo && finish !== 'cancelled') footer.append(helpful(message.helpful));
  article.append(footer);
  return article;
}

function sourcesLine(sources) {
  const line = element('p', { class: 'sources' }, texts.sources);
  sources.forEach(({ title, url }, index) => line.append(index ? ' · ' : '', url ? link(url, title) : title));
  return line;
}

const CONTACT = {
  phone: (value) => `tel:${value.replace(/[^\d+]/g, '')}`,
  whatsapp: (value) => `https://wa.me/${value.replace(/\D/g, '')}`,
  email: (value) => `mailto:${value}`,
};

function contactCard(contact) {
  const card = element('div', { class: 'contact' }, element('strong', {}, Object.keys(contact).length ? texts.contact : texts.escalated));
  for (const [kind, address] of Object.entries(CONTACT)) {
    const label = kind === 'whatsapp' ? `WhatsApp ${contact[kind]}` : contact[kind];
    if (contact[kind]) card.append(link(address(contact[kind]), label, { class: 'button' }));
  }
  if (contact.hours) card.append(element('p', {}, `${texts.hours}: ${contact.hours}`));
  return card;
}

function helpful(known) {
  const answer = (value, label) => element('button', { type: 'button', 'data-helpful': value, 'aria-pressed': known === value }, label);
  return element('span', { class: 'helpful', role: 'group', 'aria-label': texts.helpful }, texts.helpful, answer(true, texts.yes), answer(false, texts.no));
}

function suggest(suggestions = []) {
  $.suggestions.replaceChildren(...suggestions.map((text) => element('button', { type: 'button' }, text)));
}

/* A reply being written: what arrived is let out a few words a frame */

function replyBeingWritten(messageId) {
  if (!replies.has(messageId)) {
    const bubble = element('article', { class: 'assistant' }, element('div', { class: 'bubble' }));
    replies.set(messageId, { attempt: 1, parts: [], length: 0, bubble });
  }
  return replies.get(messageId);
}

function reveal() {
  const follow = atEnd();
  let more = false;
  for (const reply of replies.values()) {
    const text = reply.parts.join('');
    if (!text || reply.length >= text.length) continue;
    const step = reply.length + Math.ceil((text.length - reply.length) / 14);
    const word = text.slice(step).search(/\s/);
    reply.length = still.matches || word < 0 ? text.length : step + word + 1;
    reply.bubble.firstChild.replaceChildren(markdown(unfinished(text.slice(0, reply.length))));
    reply.bubble.classList.remove('replaced');
    if (!reply.bubble.isConnected) $.live.append(reply.bubble);
    more ||= reply.length < text.length;
  }
  if (follow) toEnd();
  if (more) requestAnimationFrame(reveal);
}

let other = '';

function showWriting() {
  const writing = waiting.size > 0 || replies.size > 0;
  const text = [...replies.values()].some(({ attempt }) => attempt > 1) ? texts.again : texts.typing;
  $.typing.textContent = writing ? text(name) : other ? texts.typing(speaker(other)) : '';
  $.writing.hidden = !$.typing.textContent;
  $.stop.hidden = !writing;
  $.end.disabled = !$.log.querySelector('.user');
  if (writing) $.suggestions.replaceChildren();
  else Object.assign($.stop, { disabled: false, textContent: texts.stop });
}

/* Sending */

function say(content) {
  const text = content.trim();
  if (!text || text.length > limit) return false;
  const article = articleOf({ sender: 'user', content: text });
  const clientMessageId = socket.send(text);
  pending.set(clientMessageId, { content: text, article });
  article.querySelector('footer').textContent = texts.sending;
  $.log.append(article);
  $.suggestions.replaceChildren();
  toEnd();
  return true;
}

function failed(clientMessageId, mine, reason) {
  const retry = element('button', { type: 'button' }, texts.retry);
  mine.article.classList.add('failed');
  mine.article.querySelector('footer').replaceChildren([texts.failed, reason].filter(Boolean).join(': '), retry);
  retry.addEventListener('click', () => {
    mine.article.classList.remove('failed');
    mine.article.querySelector('footer').textContent = texts.sending;
    socket.send(mine.content, clientMessageId);
  });
}

function fit() {
  const follow = atEnd();
  $.text.style.height = 'auto';
  $.text.style.height = `${$.text.scrollHeight}px`;
  const { length } = $.text.value.trim();
  $.counter.textContent = length > limit * 0.9 ? `${length}/${limit}` : '';
  $.counter.classList.toggle('over', length > limit);
  $.send.disabled = !length || length > limit;
  if (follow) toEnd();
}

$.composer.addEventListener('submit', (event) => {
  event.preventDefault();
  if (!say($.text.value)) return;
  $.text.value = '';
  fit();
});
$.text.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  $.composer.requestSubmit();
});
$.text.addEventListener('input', fit);

/* Scrolling, clicks */

// On a phone focus would bring up the keyboard.
function focusOn(part) {
  if (matchMedia('(hover: hover)').matches) part.focus({ preventScroll: true });
}

function atEnd() {
  return $.scroll.scrollHeight - $.scroll.scrollTop - $.scroll.clientHeight < 80;
}

function toEnd() {
  $.scroll.scrollTop = $.scroll.scrollHeight;
}

$.suggestions.addEventListener('click', ({ target }) => {
  if (target.matches('button')) say(target.textContent);
  focusOn($.text);
});
$.stop.addEventListener('click', () => {
  const [messageId] = [...replies.keys(), ...waiting];
  if (socket.post('cancelReply', { messageId })) Object.assign($.stop, { disabled: true, textContent: texts.stopping });
});
$.older.addEventListener('click', () => {
  const before = $.log.querySelector('[data-id]')?.dataset.id;
  socket.post('loadHistory', { before, limit: 30 });
});
$.log.addEventListener('click', ({ target }) => {
  const messageId = target.closest('article')?.dataset.id;
  const anchor = target.closest('a');
  if (anchor) socket.post('trackAction', { kind: anchor.matches('.button') ? 'button' : 'link', target: anchor.href.slice(0, 2048), messageId });
  const choice = target.closest('[data-helpful]');
  if (choice && socket.post('giveFeedback', { messageId, helpful: choice.dataset.helpful === 'true' })) choice.setAttribute('aria-pressed', 'true');
});

/* Ending */

let ratingDone;

function showEnded(ended) {
  $.ended.hidden = !ended;
  $.composer.hidden = ended;
  $.end.hidden = ended;
  if (ended) $.suggestions.replaceChildren();
  focusOn(ended ? $.fresh : $.text);
}

function end() {
  $.rating.close();
  socket.post('endSession');
}

for (const value of [1, 2, 3, 4, 5]) {
  const star = element('input', { type: 'radio', name: 'rating', value, 'aria-label': texts.star(value) });
  $.stars.append(element('label', { title: texts.star(value) }, star, element('span', { 'aria-hidden': 'true' }, '★')));
}
$.stars.addEventListener('change', () => ($.rate.disabled = false));
$.end.addEventListener('click', () => $.rating.showModal());
$.back.addEventListener('click', () => $.rating.close());
$.skip.addEventListener('click', end);
$.rating.addEventListener('submit', (event) => {
  event.preventDefault();
  const rating = Number($.stars.querySelector(':checked').value);
  const comment = $.comment.value.trim();
  ratingDone = () => {
    ratingDone = undefined;
    notify(texts.rated, 0, 6000);
    end();
  };
  if (!socket.post('rateSession', { rating, ...(comment && { comment }) })) ratingDone = undefined;
});
$.fresh.addEventListener('click', () => {
  $.rating.firstElementChild.reset();
  $.rate.disabled = true;
  session = '';
  clear();
  socket.restart();
});

/* States */

let countdown;

function notify(text, seconds = 0, stay = 0) {
  clearInterval(countdown);
  noticeText.textContent = text;
  const until = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    $.notice.lastElementChild.textContent = left > 0 ? `${left} s` : '';
    if (left <= 0) notify('');
  };
  if (seconds) countdown = setInterval(tick, 500);
  $.notice.lastElementChild.textContent = seconds ? `${seconds} s` : '';
  if (stay) countdown = setTimeout(notify, stay, '');
}

function showState(state, { retryAfter = 0, message } = {}) {
  const label = texts[{ busy: 'online', expired: 'online', capacity: 'unavailable', refused: 'unavailable' }[state] || state];
  if ($.state.textContent !== label) $.state.textContent = label;
  $.chat.dataset.state = state;
  const text = texts.notice[state];
  if (state === 'refused') notify(text(location.origin));
  else if (state === 'expired') notify(text, 0, 8000);
  else if (text) notify(text, Math.ceil(retryAfter));
  else if (state === 'online' && noticeText.textContent !== texts.notice.expired && noticeText.textContent !== texts.rated) notify('');
}

document.documentElement.lang = locale;
for (const part of document.querySelectorAll('[data-text]')) part.textContent = texts[part.dataset.text];
for (const part of document.querySelectorAll('[data-label]')) part.setAttribute('aria-label', texts[part.dataset.label]);
$.text.placeholder = texts.ask;
fit();
socket.open();
focusOn($.text);

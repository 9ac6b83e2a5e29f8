// The demo's own behaviour: who is signed in, and the site's accessibility button. The chat needs none of it.

const KEY = 'demo.role';
const NAMES: Record<string, string> = { client: 'Ana', provider: 'Bruno' };

function kept(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return ''; // storage is refused: nobody can sign in
  }
}

const role = kept();
const chat = document.querySelector('chat-assistente');
if (role) chat?.setAttribute('identity-url', `demo/identity/${role}`);

for (const place of document.querySelectorAll('[data-name]')) place.textContent = NAMES[role] ?? 'Entrar';
for (const part of document.querySelectorAll<HTMLElement>('[data-for]')) part.hidden = part.dataset.for !== (role || 'nobody');
for (const button of document.querySelectorAll<HTMLElement>('[data-role]'))
  button.addEventListener('click', () => {
    const chosen = button.dataset.role ?? '';
    if (chosen) localStorage.setItem(KEY, chosen);
    else localStorage.removeItem(KEY);
    location.assign({ client: 'meus-pedidos/', provider: 'painel-prestador/' }[chosen] ?? './');
  });

document.querySelector('.accessibility')?.addEventListener('click', () => document.documentElement.classList.toggle('larger'));

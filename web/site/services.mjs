// The services of the demo site; their prices are those the assistant knows.

const SERVICES = [
  { name: 'Limpeza', about: 'Diária, limpeza pesada e pós-obra, com ou sem produtos.', from: 150, per: 'por diária', group: 'clean', popular: true, icon: 'M5 21h14M8 21l1-9h6l1 9M12 12V3' },
  { name: 'Encanamento', about: 'Vazamentos, torneiras, registros e desentupimento.', from: 120, per: 'por reparo simples', group: 'repair', popular: true, icon: 'M12 3s6 6.500 6 11a6 6 0 0 1-12 0c0-4.500 6-11 6-11Z' },
  { name: 'Elétrica', about: 'Tomadas, chuveiros, disjuntores e iluminação.', from: 100, per: 'por serviço simples', group: 'repair', popular: true, icon: 'M13 2 5 14h6l-1 8 8-12h-6l1-8Z' },
  { name: 'Pintura', about: 'Paredes, portas e fachadas, com preparo e acabamento.', from: 20, per: 'por m², só a mão de obra', group: 'build', popular: true, icon: 'M4 4h13v6H4zM17 7h3v5h-9v3M11 15v6' },
  { name: 'Estofados', about: 'Sofás, colchões e tapetes, lavados em casa.', from: 120, per: 'por sofá', group: 'clean', icon: 'M4 11V8a3 3 0 0 1 3-3h10a3 3 0 0 1 3 3v3M3 12a2 2 0 0 1 4 0v2h10v-2a2 2 0 0 1 4 0v6H3v-6Z' },
  { name: 'Ar-condicionado', about: 'Instalação, limpeza e manutenção.', from: 150, per: 'por limpeza de aparelho', group: 'repair', icon: 'M3 9h12a3 3 0 1 0-3-3M3 13h16a3 3 0 1 1-3 3M3 17h8' },
  { name: 'Chaveiro', about: 'Abertura de portas, cópias e troca de fechadura.', from: 80, per: 'por abertura', group: 'repair', icon: 'M15 9a5 5 0 1 0-4 4.900V16h3v3h3v2h4v-4l-6.500-6.500' },
  { name: 'Marcenaria', about: 'Móveis sob medida, consertos e montagem.', from: 120, per: 'por conserto', group: 'build', icon: 'm14 6 4 4L8 20H4v-4L14 6Zm2-2 4 4' },
  { name: 'Jardinagem', about: 'Poda, grama, adubação e plantio.', from: 150, per: 'por visita', group: 'clean', icon: 'M12 21v-9M12 12C6 12 4 8 4 4c5 0 8 3 8 8Zm0 3c0-4 3-6 8-6 0 4-3 6-8 6Z' },
];

export function cards(wanted) {
  const shown = SERVICES.filter((service) => service[wanted] === true || service.group === wanted);
  return `<ul class="cards">\n${shown.map(card).join('\n')}\n</ul>`;
}

function card({ name, about, from, per, icon }) {
  return `  <li class="card"><span class="icon"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="${icon}"/></svg></span><h3>${name}</h3><p class="quiet">${about}</p><p class="price"><small>a partir de</small> R$ ${from} <small>${per}</small></p></li>`;
}

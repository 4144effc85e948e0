// Texts about a month, in Portuguese and in English.

export const monthTexts = {
  seeMonth: ["Ver o mês", "See the month"],
  lastClosed: ["Último dia fechado: {day}.", "Last closed day: {day}."],
  noneClosed: ["Nenhum dia deste mês foi fechado ainda.", "No day of this month has been closed yet."],
  restatedCount: ["{count} {count:dia refeito|dias refeitos} depois do selo.", "{count} {count:day|days} restated after their seal."],
  otherRange: ["Outro período ou conta", "Other range or account"],
  wholeMonth: ["Voltar ao mês", "Back to the month"],
  rangeTooLong: ["Um período tem no máximo 366 dias.", "A range has at most 366 days."],
  allAccounts: ["Todas as contas", "All accounts"],
  closedWith: ["Terminou com", "Ended with"],
  balance: ["Saldo", "Balance"],
  amountsIn: ["valores em {currency}", "amounts in {currency}"],
  table: ["Tabela", "Table"],
  byCategory: ["Por categoria", "By category"],
  monthSentence: [
    "{period}: entrou {credits}, saiu {debits}; o saldo foi de {opening} a {closing}.",
    "{period}: {credits} in, {debits} out; the balance went from {opening} to {closing}.",
  ],
  flowChart: ["Gráfico de entradas e saídas por dia.", "Chart of money in and out by day."],
  balanceChart: ["Gráfico do saldo por dia.", "Chart of the balance by day."],
};

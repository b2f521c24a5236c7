/** The screen Logs. */
export const logs = {
  'logs.title': 'Logs',
  'logs.what':
    'What each part of Butterfly did, as it happens. Keys, passwords, addresses and your name are taken out here, so what you copy can be passed on. The whole log stays in the data folder.',
  'logs.level': 'How serious',
  'logs.level.info': 'Everything',
  'logs.level.attention': 'Worth a look',
  'logs.level.fault': 'Faults',
  'logs.process': 'Said by',
  'logs.process.all': 'All parts',
  'logs.text': 'With this text',
  'logs.pause': 'Stop following',
  'logs.follow': 'Follow',
  'logs.lines': 'lines shown',
  'logs.list': 'Lines of the log',
  'logs.count.one': '1 line',
  'logs.count.other': '{n} lines',
  'logs.missed.one': '1 line came faster than it could be shown. It stands in butterfly.log.',
  'logs.missed.other': '{n} lines came faster than they could be shown. They stand in butterfly.log.',
  'logs.none': 'No line fits.',
  'logs.empty': 'Nothing was written yet.',
} as const;

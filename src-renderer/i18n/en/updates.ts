/** Versions of the app, another computer, and beginning anew: the last cards of Settings. */
export const updates = {
  'updates.title': 'Updates',
  'updates.version': 'This is Butterfly {version}.',
  'updates.off':
    'Updates are off: this copy has no key of its makers to tell a release from a forgery, so it asks nobody and fetches nothing.',
  'updates.byHand.app': 'Newer versions are on the project page.',
  'updates.byHand.package':
    'Newer packages are on the project page; your system’s package manager installs them.',
  'updates.byHand.source': 'It was started from its sources: a newer version is newer sources.',
  'updates.unasked': 'Nobody was asked for a newer version yet.',
  'updates.newest': 'Nothing newer is offered to this computer. Asked at {at}.',
  'updates.available.app': 'Version {version} is there.',
  'updates.available.package':
    'Version {version} is there. This one came as a package: fetch the new package from the project page and install it.',
  'updates.available.source':
    'Version {version} is there. This one runs from its sources: fetch the new sources, then start again.',
  'updates.deferred': 'Version {version} is put off. You are asked again on {at}.',
  'updates.skipped': 'You skipped version {version}. A later one is offered again.',
  'updates.downloading': 'Version {version} is being downloaded: {done} of {of}.',
  'updates.ready': 'Version {version} lies here, and is what its makers signed.',
  'updates.installing.round': 'Version {version} is installed when the round under way has settled.',
  'updates.installing.signing': 'Version {version} is installed when nothing waits to be signed any more.',
  'updates.installing.now': 'Version {version} is being installed. Butterfly ends for it and comes back.',
  'updates.failed': 'Version {version} did not come.',
  'updates.notes': 'What changed',
  'updates.size': 'Takes {size} to download.',
  'updates.check': 'Look for updates',
  'updates.download': 'Download',
  'updates.install': 'Install',
  'updates.again': 'Try again',
  'updates.tonight': 'Tonight',
  'updates.week': 'In a week',
  'updates.skip': 'Skip this version',
  'updates.offerAgain': 'Offer it again',
  'updates.cancel': 'Not now',
  'updates.safe':
    'It never begins while a round is averaged or something is being signed. Settings, ledger and lists are copied before a new version uses them.',
  'moving.title': 'Move to another computer',
  'moving.what':
    'Hotkeys, settings, address book, ledger and the list of your runs go into one file under a password; the model is fetched there from the others. Afterwards this computer no longer works with those hotkeys: one hotkey on two computers spoils the rounds of both.',
  'moving.window':
    'The password is asked for in a window of its own, which shows before what goes, and how large it is.',
  'moving.out': 'Move from here …',
  'moving.in': 'Bring in a file …',
  'moving.file': 'File, on the computer where Butterfly runs',
  'moving.fileHint': 'To move from here it must not be there yet.',
  'moving.coldkeys': 'Take the coldkeys of those wallets along, under their own passwords',
  'moving.away.one': 'One hotkey was moved away on {day}, and does not work here any more.',
  'moving.away.other': '{n} hotkeys were moved away on {day}, and do not work here any more.',
  'moving.takeBack':
    'Only if no other computer works with one of them, now or later: both would speak for it, and rounds are lost.',
  'moving.takeBackType': 'Type “{word}” to work with them here again',
  'moving.takeBackButton': 'Take back',
  'reset.title': 'Begin anew',
  'reset.what':
    'Butterfly ends, and its next start is as the first one was. Runs, models, settings and history are moved into a folder of the data folder, and nothing is deleted. Wallets and keys stay where they are.',
  'reset.type': 'Type “{word}” to begin anew',
  'reset.button': 'End and begin anew',
  'reset.done': 'Butterfly has ended. Its next start begins anew.',
} as const;
